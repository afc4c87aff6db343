//! The frame of the simulator's own pages, and the escaping of what is in them.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// The look of all pages: system fonts, light or dark as the reader has it.
const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f4b; --bad: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --bad: #ff8a7a; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
.simulated { font-size: .85rem; border: 1px solid var(--line); border-radius: .5rem; padding: .35rem .75rem; opacity: .8; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
ul.rows { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
ul.rows > li { padding: .6rem 0; border-bottom: 1px solid var(--line); }
.quiet { opacity: .7; font-size: .9rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
code, pre, time { font-family: ui-monospace, monospace; font-size: .875em; }
pre { white-space: pre-wrap; background: var(--soft); border-radius: .5rem; padding: .75rem 1rem; margin: .5rem 0; }
";

/// A text so that it shows as it is, in an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A link; both texts are escaped here.
pub(crate) fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
}

/// A page. The title is escaped here; the body is HTML already.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    whole(status, title, body, "'none'")
}

/// A page with a form that is sent to where it came from.
pub(crate) fn form_page(status: StatusCode, title: &str, body: &str) -> Response {
    whole(status, title, body, "'self'")
}

fn whole(status: StatusCode, title: &str, body: &str, forms_go_to: &str) -> Response {
    let title = escape(title);
    let document = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · simulated GitHub</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"simulated\">This is a simulated GitHub. Nothing here left this machine.</p>\n\
         <main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            format!(
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                 form-action {forms_go_to}"
            ),
        ),
    ];
    (status, headers, document).into_response()
}

/// The page for what is not there.
pub(crate) fn not_found(what: &str) -> Response {
    let body = format!("<p>{}</p>", escape(what));
    page(StatusCode::NOT_FOUND, "Not found", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        insta::assert_snapshot!(
            escape(r#"<img src=x onerror="a('b')"> & co"#),
            @"&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt; &amp; co"
        );
    }
}
