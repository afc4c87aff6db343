//! YAML as a tree of keys, texts and lists, each with its place. Nothing in it is
//! said twice: anchors, aliases and tags are refused, so that a text of so many
//! bytes is never more than that.

use std::collections::HashSet;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

use super::{PolicyError, PolicyProblem, PolicyTaker, shortened, whole};

/// How deep it may be nested; what has a meaning is nested half as deep.
const DEEPEST: usize = 8;

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    at: (usize, usize),
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Nothing stands there.
    Nothing,
    Text(String),
    Keys(Vec<(Key, Node)>),
    List,
}

/// A key and where it stands.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) text: String,
    at: (usize, usize),
}

impl Node {
    /// What stands below its keys; nothing where nothing stands there. `taker` is
    /// what takes them.
    pub(super) fn entries(&self, taker: PolicyTaker) -> Result<&[(Key, Self)], PolicyError> {
        match &self.kind {
            Kind::Nothing => Ok(&[]),
            Kind::Keys(entries) => Ok(entries),
            Kind::Text(_) | Kind::List => Err(self.wrong(PolicyProblem::NoKeys(taker))),
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What is wrong with it.
    pub(super) fn wrong(&self, problem: PolicyProblem) -> PolicyError {
        let at = Some(self.at);
        PolicyError { at, problem }
    }
}

impl Key {
    /// What is wrong with it.
    pub(super) fn wrong(&self, problem: PolicyProblem) -> PolicyError {
        let at = Some(self.at);
        PolicyError { at, problem }
    }

    /// Nothing is called so there.
    pub(super) fn unknown(&self, known: &str) -> PolicyError {
        let (key, known) = (shortened(&self.text), known.to_owned());
        self.wrong(PolicyProblem::UnknownKey { key, known })
    }
}

/// Reads a document; none where there is nothing in it.
pub(super) fn read(text: &str) -> Result<Option<Node>, PolicyError> {
    let mut events = Events(Parser::new_from_str(text));
    let mut root = None;
    loop {
        let (event, at) = events.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::DocumentStart(_) if root.is_some() => {
                return Err(wrong(at, PolicyProblem::SeveralDocuments));
            }
            Event::DocumentStart(_) => {
                let (event, at) = events.next()?;
                root = Some(events.node(&event, at, 0)?);
            }
            _ => {}
        }
    }
}

struct Events<'a>(Parser<'a, saphyr_parser::StrInput<'a>>);

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, (usize, usize)), PolicyError> {
        let next = self.0.next().transpose().map_err(|error| syntax(&error))?;
        let (event, Span { start, .. }) =
            next.ok_or_else(|| whole(PolicyProblem::Syntax("it breaks off".to_owned())))?;
        Ok((event, place(start)))
    }

    fn node(
        &mut self,
        event: &Event<'a>,
        at: (usize, usize),
        depth: usize,
    ) -> Result<Node, PolicyError> {
        if depth > DEEPEST {
            return Err(wrong(at, PolicyProblem::TooDeep));
        }
        let kind = match event {
            Event::Alias(_) => return Err(wrong(at, PolicyProblem::Anchor)),
            Event::Scalar(_, _, anchor, tag) => {
                plain(at, *anchor, tag.is_some())?;
                scalar(event)
            }
            Event::SequenceStart(anchor, tag) => {
                plain(at, *anchor, tag.is_some())?;
                self.list(depth)?
            }
            Event::MappingStart(anchor, tag) => {
                plain(at, *anchor, tag.is_some())?;
                self.keys(depth)?
            }
            _ => Kind::Nothing,
        };
        Ok(Node { at, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, PolicyError> {
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Kind::List),
                (event, at) => drop(self.node(&event, at, depth + 1)?),
            }
        }
    }

    fn keys(&mut self, depth: usize) -> Result<Kind, PolicyError> {
        let (mut entries, mut seen) = (Vec::new(), HashSet::new());
        loop {
            let (event, at) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Kind::Keys(entries));
            }
            let key = self.node(&event, at, depth + 1)?;
            let text = match key.kind {
                Kind::Text(text) => text,
                Kind::Nothing => String::new(),
                Kind::Keys(_) | Kind::List => {
                    return Err(wrong(at, PolicyProblem::KeyNotText));
                }
            };
            if !seen.insert(text.clone()) {
                return Err(wrong(at, PolicyProblem::Twice(shortened(&text))));
            }
            let (event, value_at) = self.next()?;
            let value = self.node(&event, value_at, depth + 1)?;
            entries.push((Key { text, at }, value));
        }
    }
}

/// What stands there plainly may be nothing; what is quoted is a text.
fn scalar(event: &Event<'_>) -> Kind {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..)
            if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL") =>
        {
            Kind::Nothing
        }
        Event::Scalar(text, ..) => Kind::Text(text.to_string()),
        _ => Kind::Nothing,
    }
}

fn plain(at: (usize, usize), anchor: usize, has_tag: bool) -> Result<(), PolicyError> {
    if anchor != 0 {
        return Err(wrong(at, PolicyProblem::Anchor));
    }
    if has_tag {
        return Err(wrong(at, PolicyProblem::Tag));
    }
    Ok(())
}

fn syntax(error: &ScanError) -> PolicyError {
    let problem = PolicyProblem::Syntax(shortened_words(error.info()));
    wrong(place(*error.marker()), problem)
}

/// The parser's words, which may repeat some of the text.
fn shortened_words(info: &str) -> String {
    info.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn wrong(at: (usize, usize), problem: PolicyProblem) -> PolicyError {
    PolicyError {
        at: Some(at),
        problem,
    }
}

/// Line and column, both from 1.
fn place(marker: Marker) -> (usize, usize) {
    (marker.line().max(1), marker.col() + 1)
}
