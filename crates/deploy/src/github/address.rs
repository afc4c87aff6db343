//! Where GitHub's interfaces are: of github.com, and of an Enterprise Server.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::error::Error;

/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Where GitHub's two interfaces are.
#[derive(Clone)]
pub(crate) struct Addresses {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// What every REST path follows, without a slash at its end.
    pub(crate) rest: String,
    pub(crate) graphql: Uri,
    /// What the path of every page for people follows, without a slash at its end.
    pub(crate) web: String,
}

impl Addresses {
    /// Reads them from the address of the REST API.
    pub(crate) fn of(api_url: &Url) -> Result<Self, Error> {
        const UNUSABLE: Error = Error::Misconfigured(
            "the GitHub API address is no http:// or https:// address without user and query",
        );
        let plain = matches!(api_url.scheme(), "http" | "https")
            && api_url.has_host()
            && api_url.username().is_empty()
            && api_url.password().is_none()
            && api_url.query().is_none();
        if !plain {
            return Err(UNUSABLE);
        }
        let origin = api_url.origin().ascii_serialization();
        let rest = format!("{origin}{}", api_url.path().trim_end_matches('/'));
        // An Enterprise Server serves REST at /api/v3 and GraphQL beside it.
        let beside = rest
            .strip_suffix("/v3")
            .filter(|beside| beside.ends_with("/api"));
        let graphql = format!("{}/graphql", beside.unwrap_or(&rest));
        let graphql = graphql.parse().map_err(|_invalid| UNUSABLE)?;
        Ok(Self {
            web: web(&origin, &rest),
            origin,
            rest,
            graphql,
        })
    }

    /// The address of a REST resource; `segments` are the parts of its path,
    /// unescaped.
    pub(crate) fn rest(&self, segments: &[&str], parameters: &str) -> Result<Uri, Error> {
        let mut address = self.rest.clone();
        for segment in segments {
            address.push('/');
            address.extend(utf8_percent_encode(segment, SEGMENT));
        }
        if !parameters.is_empty() {
            address.push('?');
            address.push_str(parameters);
        }
        address
            .parse()
            .map_err(|_invalid| Error::Misconfigured("an address can't be formed"))
    }
}

/// Where the pages are: of an Enterprise Server where its API is, and else on the
/// same host without `api.`.
fn web(origin: &str, rest: &str) -> String {
    if let Some(beside) = rest.strip_suffix("/api/v3") {
        return beside.to_owned();
    }
    match origin.split_once("://api.") {
        Some((scheme, host)) => format!("{scheme}://{host}"),
        None => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(url: &str) -> Addresses {
        Addresses::of(&url.parse().unwrap()).ok().unwrap()
    }

    #[test]
    fn graphql_is_beside_rest_on_an_enterprise_server() {
        for (api, graphql) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://api.github.com/", "https://api.github.com/graphql"),
            (
                "https://ghe.acme.org/api/v3",
                "https://ghe.acme.org/api/graphql",
            ),
            (
                "https://ghe.acme.org/api/v3/",
                "https://ghe.acme.org/api/graphql",
            ),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/graphql"),
            (
                "http://127.0.0.1:8000/sub",
                "http://127.0.0.1:8000/sub/graphql",
            ),
        ] {
            assert_eq!(addresses(api).graphql.to_string(), graphql);
        }
    }

    #[test]
    fn pages_for_people_are_beside_the_api() {
        for (api, web) in [
            ("https://api.github.com", "https://github.com"),
            ("https://api.acme.ghe.com/", "https://acme.ghe.com"),
            ("https://ghe.acme.org/api/v3", "https://ghe.acme.org"),
            (
                "https://ghe.acme.org:8443/api/v3/",
                "https://ghe.acme.org:8443",
            ),
            (
                "http://127.0.0.1:80/github/api/v3",
                "http://127.0.0.1/github",
            ),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ] {
            assert_eq!(addresses(api).web, web);
        }
    }

    #[test]
    fn segments_of_a_path_are_escaped() {
        let uri = addresses("https://ghe.acme.org/api/v3")
            .rest(&["repos", "a b", "x/../../y", "ü?#%"], "per_page=1")
            .unwrap();
        insta::assert_snapshot!(
            uri,
            @"https://ghe.acme.org/api/v3/repos/a%20b/x%2F..%2F..%2Fy/%C3%BC%3F%23%25?per_page=1"
        );
    }

    #[test]
    fn an_address_that_holds_a_secret_or_no_host_is_refused() {
        for url in [
            "https://user:pass@host/",
            "ftp://host/",
            "data:text/plain,x",
            "http://h/?q=1",
        ] {
            assert!(Addresses::of(&url.parse().unwrap()).is_err(), "{url}");
        }
    }
}
