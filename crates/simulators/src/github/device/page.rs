//! The page on which somebody enters a code and says yes or no.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;

use crate::github::Github;
use crate::github::html::{self, escape};
use crate::github::state::UserKind;

/// The form; a code in the address is filled in.
pub(super) async fn form(
    State(github): State<Github>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let code = asked.get("user_code").map_or("", String::as_str);
    let state = github.state();
    let people = state
        .users
        .values()
        .filter(|user| user.kind == UserKind::Person);
    let people: String = people
        .map(|user| {
            let (login, name) = (escape(&user.login), escape(&user.name));
            format!("<option value=\"{login}\">{login} ({name})</option>\n")
        })
        .collect();
    drop(state);
    let code = escape(code);
    let body = format!(
        "<form method=\"post\">\n\
         <p><label>Code, as the program shows it:<br>\n\
         <input name=\"user_code\" value=\"{code}\" autocomplete=\"off\" required \
         autofocus maxlength=\"20\" placeholder=\"WDJB-MJHT\"></label></p>\n\
         <p><label>You are (nobody logs in here):<br>\n<select name=\"login\">\n{people}</select></label></p>\n\
         <p><button name=\"verdict\" value=\"authorize\">Authorize</button>\n\
         <button name=\"verdict\" value=\"cancel\">Cancel</button></p>\n\
         <p class=\"quiet\">The program learns who you are, and gets no other right.</p>\n</form>"
    );
    html::form_page(StatusCode::OK, "Connect a program", &body)
}

/// What was said on it.
pub(super) async fn submitted(State(github): State<Github>, body: Bytes) -> Response {
    let said: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| said.get(name).map_or("", String::as_str);
    let (code, login) = (field("user_code"), field("login"));
    let (is_done, title, words) = match field("verdict") {
        "authorize" => (
            github.authorize_device(code, login),
            "Connected",
            "The program will hear that you agreed. You can close this page.",
        ),
        "cancel" => (
            github.refuse_device(code),
            "Cancelled",
            "The program will hear that you did not agree. You can close this page.",
        ),
        _ => (false, "", ""),
    };
    if is_done {
        return html::page(StatusCode::OK, title, &format!("<p>{words}</p>"));
    }
    let body = "<p>No program waits for this code: it was mistyped or used before, or has run \
                out. <a href=\"device\">Enter it again</a></p>";
    html::page(StatusCode::UNPROCESSABLE_ENTITY, "Not connected", body)
}
