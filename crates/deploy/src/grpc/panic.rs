//! A net under panics: the caller gets INTERNAL, and the connection and all
//! other calls on it live on.

use std::any::Any;

use http::Response;
use tonic::{Status, body::Body};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

use crate::error::panic_message;

/// The net, as a layer around all services.
pub(super) fn layer() -> CatchPanicLayer<Internal> {
    CatchPanicLayer::custom(Internal)
}

/// Answers INTERNAL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Internal;

impl ResponseForPanic for Internal {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send>) -> Response<Body> {
        let panic = panic_message(panic.as_ref());
        tracing::error!(panic, "a call panicked");
        Status::internal("Something went wrong in the deploy service; its log says what.")
            .into_http()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tonic::Code;
    use tower::{ServiceBuilder, ServiceExt as _, service_fn};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_with_internal() {
        let panics = service_fn(|_: Request<Body>| async {
            panic!("what nobody may read");
            #[expect(unreachable_code, reason = "it tells the type of the answer")]
            Ok::<_, std::convert::Infallible>(Response::new(Body::empty()))
        });
        let service = ServiceBuilder::new().layer(layer()).service(panics);
        let response = service.oneshot(Request::new(Body::empty())).await.unwrap();
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("nobody may read"));
    }
}
