//! What goes into a statement and what comes out, whichever database runs it.

use sqlx::{
    Database, Decode, Encode, Row as _, Type, postgres::PgRow, query::Query, sqlite::SqliteRow,
};

/// The arguments of a statement, in order: the first is `$1`.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Args(Vec<Value>);

#[derive(Debug, Clone)]
enum Value {
    Text(Option<String>),
    Integer(i64),
}

impl Args {
    /// None yet.
    pub(in crate::store) fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub(in crate::store) fn text(self, text: impl Into<String>) -> Self {
        self.optional_text(Some(text))
    }

    /// Adds a text, or null.
    pub(in crate::store) fn optional_text(self, text: Option<impl Into<String>>) -> Self {
        self.and(Value::Text(text.map(Into::into)))
    }

    /// Adds texts as one, a JSON list: what `json_each` takes.
    pub(in crate::store) fn texts<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let list: serde_json::Value = texts.into_iter().collect();
        self.text(list.to_string())
    }

    /// Adds a number.
    pub(in crate::store) fn integer(self, number: i64) -> Self {
        self.and(Value::Integer(number))
    }

    fn and(mut self, value: Value) -> Self {
        self.0.push(value);
        self
    }

    /// Puts them into a statement.
    pub(super) fn bind_to<DB>(
        self,
        mut query: Query<'static, DB, DB::Arguments>,
    ) -> Query<'static, DB, DB::Arguments>
    where
        DB: Database,
        Option<String>: Encode<'static, DB> + Type<DB>,
        i64: Encode<'static, DB> + Type<DB>,
    {
        for value in self.0 {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Integer(number) => query.bind(number),
            };
        }
        query
    }
}

/// One row of an answer.
pub(in crate::store) enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of Postgres.
    Postgres(PgRow),
}

impl Row {
    /// The text in a column.
    pub(in crate::store) fn text(&self, column: &str) -> Result<String, sqlx::Error> {
        self.get(column)
    }

    /// The text in a column that may be null.
    pub(in crate::store) fn optional_text(
        &self,
        column: &str,
    ) -> Result<Option<String>, sqlx::Error> {
        self.get(column)
    }

    /// The number in a column.
    pub(in crate::store) fn integer(&self, column: &str) -> Result<i64, sqlx::Error> {
        self.get(column)
    }

    /// The number in a column that may be null.
    pub(in crate::store) fn optional_integer(
        &self,
        column: &str,
    ) -> Result<Option<i64>, sqlx::Error> {
        self.get(column)
    }

    fn get<T>(&self, column: &str) -> Result<T, sqlx::Error>
    where
        T: for<'r> Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite>,
        T: for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}
