//! The three people of the sandbox. They are characters: nobody of these names
//! is meant.

/// Someone who works at the sandbox's company.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The name that others read.
    pub(crate) name: &'static str,
    /// The login on GitHub, which is the name in Slack too.
    pub(crate) login: &'static str,
    /// The time zone they work in.
    pub(crate) zone: &'static str,
    /// How far that is east of UTC, in hours, as their commits say.
    pub(crate) hours_east: i32,
}

pub(crate) static MINJI: Person = Person {
    name: "Minji",
    login: "minji",
    zone: "Asia/Seoul",
    hours_east: 9,
};

pub(crate) static JOON: Person = Person {
    name: "Joon",
    login: "joon",
    zone: "Asia/Seoul",
    hours_east: 9,
};

pub(crate) static BORA: Person = Person {
    name: "Bora",
    login: "bora",
    zone: "Asia/Tokyo",
    hours_east: 9,
};

/// All of them; the first is at the keyboard when the page opens.
pub(crate) static EVERYONE: [&Person; 3] = [&MINJI, &JOON, &BORA];

impl Person {
    /// The address in their commits, by which the simulator knows them.
    pub(crate) fn email(&self) -> String {
        format!("{}@users.noreply.example", self.login)
    }

    /// The token that speaks for them on the simulated GitHub. It opens nothing
    /// else.
    pub(crate) fn token(&self) -> String {
        format!("sandbox-{}", self.login)
    }
}
