//! Who may talk to the sandbox: programs and pages of this machine. A page from
//! elsewhere must not act in it, neither by a name that it points at loopback
//! (DNS rebinding) nor by sending requests across.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Lets a request through if it names this machine and comes from no other
/// site.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    match refusal(&request) {
        None => next.run(request).await,
        Some(words) => (StatusCode::FORBIDDEN, words).into_response(),
    }
}

fn refusal(request: &Request) -> Option<&'static str> {
    let Some(authority) = asked_for(request) else {
        return Some("The request does not say which host it is for.\n");
    };
    if !is_loopback(authority.host()) {
        return Some("The sandbox answers only to localhost and loopback addresses.\n");
    }
    let origin = header_text(request.headers(), header::ORIGIN);
    if acts(request) && origin.is_some_and(|origin| origin != format!("http://{authority}")) {
        return Some("Pages of other sites can do nothing in the sandbox.\n");
    }
    None
}

/// Whether the request may change something. Reading is harmless: a browser
/// shows no other site what was answered, and the sites that environments serve
/// need their own style sheets.
fn acts(request: &Request) -> bool {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    !only_reads || request.headers().contains_key(header::UPGRADE)
}

/// The host and port that the client believes it talks to: HTTP/2 says it in
/// the address, HTTP/1.1 in a header.
fn asked_for(request: &Request) -> Option<Authority> {
    request
        .uri()
        .authority()
        .cloned()
        .or_else(|| header_text(request.headers(), header::HOST)?.parse().ok())
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    // What is no text is no name of ours either.
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or("unreadable"))
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refused(headers: &[(&str, &str)]) -> bool {
        refused_to(&Method::POST, headers)
    }

    fn refused_to(method: &Method, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .uri("/slack/client/messages");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        refusal(&request.body(Body::empty()).unwrap()).is_some()
    }

    #[test]
    fn names_of_this_machine_are_answered() {
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "LOCALHOST",
            "[::1]:8080",
            "127.0.0.2",
        ] {
            assert!(!refused(&[("host", host)]), "{host}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "0.0.0.0:8080",
            "",
        ] {
            assert!(refused(&[("host", host)]), "{host}");
        }
        assert!(refused(&[]));
    }

    #[test]
    fn a_page_of_this_origin_may_act_and_others_may_not() {
        let host = ("host", "127.0.0.1:8080");
        assert!(!refused(&[host, ("origin", "http://127.0.0.1:8080")]));
        for origin in [
            "http://evil.example",
            "http://127.0.0.1:8081",
            "null",
            "https://127.0.0.1:8080",
        ] {
            assert!(refused(&[host, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn what_an_environment_serves_may_read_and_nothing_more() {
        let from_a_sandboxed_frame = [("host", "127.0.0.1:8080"), ("origin", "null")];
        assert!(!refused_to(&Method::GET, &from_a_sandboxed_frame));
        assert!(refused_to(&Method::DELETE, &from_a_sandboxed_frame));
        let [host, origin] = from_a_sandboxed_frame;
        assert!(refused_to(
            &Method::GET,
            &[host, origin, ("upgrade", "websocket")]
        ));
    }
}
