//! Changes of what people and channels want: each is made once, in one transaction
//! with the answer that a repeat of it gets, and never over one that was asked for
//! later. An event that Slack delivers again, or a call whose answer was lost, finds
//! what came of it.
//!
//! Whoever makes one holds what it is about first, so that of two changes of one
//! thing the second sees the first.

use jiff::Timestamp;

use super::{
    Error, Store,
    database::{Args, Row},
    row::{Answer, answer_text, read_answer},
    transaction::Transaction,
};
use crate::model::RequestId;

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made<T> {
    /// It was made, now or when it came first.
    Once(T),
    /// Its id is that of a change of something else.
    IdTaken,
}

/// A change as it is written down.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) id: &'a RequestId,
    /// What it is about.
    pub(super) subject: String,
    /// What is wanted, by which a repeat is known.
    pub(super) wish: String,
    /// When it was asked for.
    pub(super) asked_at: Timestamp,
    pub(super) now: Timestamp,
}

/// How a change begins.
pub(super) enum Begun {
    /// It is to be made.
    New,
    /// It was made before.
    Repeated(Answer),
    /// Its id is that of another.
    IdTaken,
}

impl Wanted<'_> {
    /// Writes it down, unless that was done before.
    pub(super) async fn begin(&self, transaction: &mut Transaction<'_>) -> Result<Begun, Error> {
        let args = Args::new()
            .text(self.id.as_str())
            .text(&self.subject)
            .text(&self.wish)
            .integer(self.asked_at.as_millisecond())
            .integer(self.now.as_millisecond());
        if transaction.execute(INSERT, args).await? == 1 {
            return Ok(Begun::New);
        }
        transaction.undo();
        let known = Args::new().text(self.id.as_str());
        let known = transaction.fetch_first(FIND, known).await?;
        self.read(known.as_ref())?
            .ok_or_else(|| Error::Unreadable(format!("change {} is there and is not", self.id)))
    }

    /// Keeps what came of it.
    pub(super) async fn end(
        &self,
        transaction: &mut Transaction<'_>,
        answer: &Answer,
    ) -> Result<(), Error> {
        let args = Args::new()
            .text(self.id.as_str())
            .text(answer_text(answer)?);
        let sql = "UPDATE changes SET answer = $2 WHERE id = $1";
        transaction.execute(sql, args).await?;
        Ok(())
    }

    /// What was asked for later about the same, newest first, at most a hundred.
    pub(super) async fn later_wishes(
        &self,
        transaction: &mut Transaction<'_>,
    ) -> Result<Vec<String>, Error> {
        later_wishes(transaction, &self.subject, self.asked_at).await
    }

    /// What came of it before, if it was made.
    pub(super) async fn made_before(&self, store: &Store) -> Result<Option<Begun>, Error> {
        let known = store.read_first(FIND, Args::new().text(self.id.as_str()));
        self.read(known.await?.as_ref())
    }

    fn read(&self, known: Option<&Row>) -> Result<Option<Begun>, Error> {
        let Some(known) = known else {
            return Ok(None);
        };
        let is_same = known.text("subject")? == self.subject && known.text("wish")? == self.wish;
        Ok(Some(if is_same {
            Begun::Repeated(read_answer(&known.text("answer")?)?)
        } else {
            Begun::IdTaken
        }))
    }
}

/// What was asked for about something after a time, newest first, at most a hundred.
pub(super) async fn later_wishes(
    transaction: &mut Transaction<'_>,
    subject: &str,
    asked_at: Timestamp,
) -> Result<Vec<String>, Error> {
    let args = Args::new().text(subject).integer(asked_at.as_millisecond());
    let sql = "SELECT wish FROM changes WHERE subject = $1 AND asked_at > $2 \
               ORDER BY asked_at DESC, id LIMIT 100";
    let rows = transaction.fetch(sql, args).await?;
    rows.iter().map(|row| Ok(row.text("wish")?)).collect()
}

const INSERT: &str = "INSERT INTO changes (id, subject, wish, answer, asked_at, at) \
     VALUES ($1, $2, $3, '', $4, $5) ON CONFLICT (id) DO NOTHING";

const FIND: &str = "SELECT subject, wish, answer FROM changes WHERE id = $1";
