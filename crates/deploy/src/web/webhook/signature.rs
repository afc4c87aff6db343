//! Whether a webhook is GitHub's: HMAC-SHA256 over its body as it came, under a
//! secret that both sides know. See
//! <https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries>.

use axum::http::HeaderMap;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};

/// The secret that both sides know.
#[derive(Debug)]
pub(super) struct Secret(hmac::Key);

/// What a sender claims to be the signature.
#[derive(Debug)]
pub(super) struct Signature([u8; 32]);

impl Secret {
    pub(super) fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Whether a body was signed with it; takes as long when it was not.
    pub(super) fn signed(&self, body: &[u8], Signature(claimed): &Signature) -> bool {
        hmac::verify(&self.0, body, claimed).is_ok()
    }
}

impl Signature {
    /// Reads `X-Hub-Signature-256: sha256=<64 hex digits>`.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get("x-hub-signature-256")?.as_bytes();
        let digits = value.strip_prefix(b"sha256=")?;
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The example in GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn read(value: &str) -> Option<Signature> {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        Signature::of(&HeaderMap::from_iter([(
            "x-hub-signature-256".parse().unwrap(),
            value,
        )]))
    }

    #[test]
    fn githubs_example_is_signed() {
        let secret = Secret::new(&SecretString::from(SECRET));
        let signature = read(SIGNATURE).unwrap();
        assert!(secret.signed(BODY, &signature));
        assert!(!secret.signed(b"Hello, World?", &signature));
        assert!(!secret.signed(b"", &signature));
        let other = Secret::new(&SecretString::from("It's a secret to everybody"));
        assert!(!other.signed(BODY, &signature));
    }

    #[test]
    fn each_bit_of_a_signature_counts() {
        let secret = Secret::new(&SecretString::from(SECRET));
        for bit in 0..256 {
            let Signature(mut bytes) = read(SIGNATURE).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!secret.signed(BODY, &Signature(bytes)), "bit {bit}");
        }
    }

    #[test]
    fn what_could_be_no_signature_is_none() {
        let digits = &SIGNATURE["sha256=".len()..];
        let bad = [
            String::new(),
            "sha256=".to_owned(),
            digits.to_owned(),
            format!("sha1={digits}"),
            format!("SHA256={digits}"),
            format!("sha256={}", &digits[..63]),
            format!("sha256={digits}0"),
            format!("sha256= {}", &digits[..63]),
            format!("sha256=+{}", &digits[..63]),
            format!("sha256={}", "ä".repeat(32)),
            format!("sha256={}g", &digits[..63]),
        ];
        for bad in bad {
            assert!(read(&bad).is_none(), "{bad:?}");
        }
        assert!(Signature::of(&HeaderMap::new()).is_none());
    }

    #[test]
    fn the_secret_is_not_told() {
        let told = format!("{:?}", Secret::new(&SecretString::from(SECRET)));
        assert!(!told.contains("Everybody"), "{told}");
    }
}
