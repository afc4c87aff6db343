//! The operator's table of who is who: GitHub logins, each with a Slack user id, as
//! one JSON object.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use crate::{command::Login, slack::id::UserId};

/// Who is who. Logins are in lower case, because GitHub compares them so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table(HashMap<String, UserId>);

impl Table {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, with its line and column.
    pub(crate) fn read(text: &str) -> Result<Self, serde_json::Error> {
        // Some editors begin a file with a mark of its byte order.
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Who has an account, as far as the operator says.
    pub(crate) fn get(&self, login: &str) -> Option<&UserId> {
        self.0.get(&login.to_lowercase())
    }

    /// How many it names.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Rows)
    }
}

/// Reads row after row, so that what is wrong is told with its place.
struct Rows;

impl<'de> Visitor<'de> for Rows {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of GitHub logins, each with a Slack user id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut rows: A) -> Result<Table, A::Error> {
        let mut table = HashMap::new();
        while let Some(login) = rows.next_key::<String>()? {
            if Login::new(&login).is_none() {
                return Err(A::Error::custom(format_args!(
                    "{login:?} is no GitHub login, which has letters, digits and single hyphens"
                )));
            }
            let user: String = rows.next_value()?;
            if !is_user(&user) {
                return Err(A::Error::custom(format_args!(
                    "{user:?} is no Slack user id, which begins with U or W, such as U012AB3CD"
                )));
            }
            if table.insert(login.to_lowercase(), user.into()).is_some() {
                return Err(A::Error::custom(format_args!("{login:?} is there twice")));
            }
        }
        Ok(Table(table))
    }
}

/// Slack's ids of people: upper-case letters and digits.
fn is_user(text: &str) -> bool {
    text.starts_with(['U', 'W'])
        && (3..=30).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_who_is_read_without_regard_to_case() {
        let text = "\u{feff}{\"Minji\": \"U0MINJI\", \"joon-park_acme\": \"W012AB3CD\"}";
        let table = Table::read(text).unwrap();
        assert_eq!(table.len(), 2);
        assert_eq!(table.get("mINJI"), Some(&UserId::from("U0MINJI")));
        assert_eq!(table.get("bora"), None);
        assert_eq!(Table::read("{}").unwrap().len(), 0);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let told = [
            "",
            "[]",
            "{\"minji\": 7}",
            "{\"minji\": \"minji\"}",
            "{\"minji\": \"U0M\",\n \"a--b\": \"U0B\"}",
            "{\"minji\": \"U0M\",\n \"Minji\": \"U0M\"}",
            "{\"minji\": \"U0M\"",
            "{\"minji\": \"U0M\"} x",
        ];
        let told = told.map(|text| Table::read(text).unwrap_err().to_string());
        insta::assert_snapshot!(told.join("\n"), @r#"
        EOF while parsing a value at line 1 column 0
        invalid type: sequence, expected an object of GitHub logins, each with a Slack user id at line 1 column 0
        invalid type: integer `7`, expected a string at line 1 column 11
        "minji" is no Slack user id, which begins with U or W, such as U012AB3CD at line 1 column 18
        "a--b" is no GitHub login, which has letters, digits and single hyphens at line 2 column 7
        "Minji" is there twice at line 2 column 16
        EOF while parsing an object at line 1 column 15
        trailing characters at line 1 column 18
        "#);
    }
}
