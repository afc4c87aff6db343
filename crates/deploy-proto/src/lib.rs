//! Generated client and server of `proto/deploy/v1`, nothing else.

/// The contract `deploy.v1`; its documentation is in the `.proto` file.
#[expect(
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
pub mod v1 {
    tonic::include_proto!("deploy.v1");
}

/// The descriptors of the contract, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
