//! What the addresses in Slack's answers lead to: a message's permalink and the
//! icons of people.

use axum::extract::{Path, State as Extract};
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};

use crate::slack::Slack;
use crate::slack::ids::{ChannelId, MessageTs};
use crate::slack::text::escape;

/// A message by itself, as text.
pub(in crate::slack) async fn permalink(
    Extract(slack): Extract<Slack>,
    Path((channel, message)): Path<(String, String)>,
) -> Response {
    let state = slack.state();
    let channel = state.channel(&ChannelId::new(channel));
    let micros = message
        .strip_prefix('p')
        .and_then(|micros| micros.parse().ok());
    let found = channel.zip(micros).and_then(|(channel, micros)| {
        let message = channel.message(MessageTs::from_micros(micros))?;
        Some((channel, message))
    });
    let Some((channel, message)) = found else {
        return (StatusCode::NOT_FOUND, "There is no such message.").into_response();
    };
    let author = state.user(message.user(&state.app));
    let author = author
        .map(|user| user.real_name.as_str())
        .unwrap_or_default();
    // The text of a message is escaped already, as Slack keeps it; what an app
    // wrote need not be.
    let text = message.text.replace('<', "&lt;").replace('>', "&gt;");
    Html(format!(
        "<!doctype html><meta charset=\"utf-8\"><title>#{channel}</title>\
         <p><b>{author}</b> in #{channel}:</p><pre>{text}</pre>",
        channel = escape(&channel.name),
        author = escape(author),
    ))
    .into_response()
}

/// A disc in a colour of its own for each name, with the name's first letter.
pub(in crate::slack) async fn icon(Path(file): Path<String>) -> Response {
    let name = file.split('_').next().unwrap_or_default();
    let letter = name
        .strip_prefix("U0")
        .unwrap_or(name)
        .chars()
        .next()
        .unwrap_or(' ');
    let hue = name
        .bytes()
        .fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 72 72\">\
         <circle cx=\"36\" cy=\"36\" r=\"36\" fill=\"hsl({hue} 45% 45%)\"/>\
         <text x=\"36\" y=\"47\" font-family=\"sans-serif\" font-size=\"32\" fill=\"white\" \
         text-anchor=\"middle\">{letter}</text></svg>",
        letter = escape(&letter.to_uppercase().to_string()),
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}
