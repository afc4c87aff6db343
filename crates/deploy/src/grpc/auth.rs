//! Who may call: whoever sends the bearer token, where one is configured.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tonic::{Request, Status, service::Interceptor};

/// Lets calls pass that bring the bearer token.
#[derive(Clone)]
pub(super) struct Auth {
    token: Option<SecretString>,
}

impl Auth {
    /// With no token, every call passes: gRPC listens on loopback then.
    pub(super) fn new(token: Option<SecretString>) -> Self {
        Self { token }
    }
}

impl Interceptor for Auth {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let Some(token) = &self.token else {
            return Ok(request);
        };
        match bearer(&request) {
            None => Err(Status::unauthenticated(
                "This call needs the bearer token of the deploy service: \
                 send it as `authorization: Bearer …`.",
            )),
            // In constant time, so that the time taken tells nothing of the token.
            Some(sent) if sent.ct_eq(token.expose_secret().as_bytes()).into() => Ok(request),
            Some(_) => Err(Status::unauthenticated(
                "The bearer token is not that of the deploy service.",
            )),
        }
    }
}

fn bearer(request: &Request<()>) -> Option<&[u8]> {
    let value = request.metadata().get("authorization")?.as_encoded_bytes();
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    fn call(auth: &mut Auth, header: Option<&str>) -> Result<(), Code> {
        let mut request = Request::new(());
        if let Some(header) = header {
            let metadata = request.metadata_mut();
            metadata.insert("authorization", header.parse().unwrap());
        }
        auth.call(request).map(drop).map_err(|status| status.code())
    }

    #[test]
    fn only_the_token_itself_passes() {
        let mut auth = Auth::new(Some(SecretString::from("hush")));
        assert_eq!(call(&mut auth, Some("Bearer hush")), Ok(()));
        assert_eq!(call(&mut auth, Some("bearer hush")), Ok(()));
        for wrong in [
            None,
            Some(""),
            Some("hush"),
            Some("Bearer "),
            Some("Bearer hus"),
            Some("Bearer hush!"),
            Some("Bearer Hush"),
            Some("Basic hush"),
        ] {
            assert_eq!(
                call(&mut auth, wrong),
                Err(Code::Unauthenticated),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn without_a_token_every_call_passes() {
        assert_eq!(call(&mut Auth::new(None), None), Ok(()));
    }
}
