//! The statement of a bundle, signed: an envelope of DSSE with an Ed25519 signature.
//! Keys are those that `openssl genpkey -algorithm ed25519` makes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_compact::{KeyPair, PublicKey, Seed, Signature};
use engine::sha256;
use serde_json::{Value, json};

const PAYLOAD: &str = "application/vnd.in-toto+json";
/// What stands before the 32 bytes of a private key (PKCS #8) and of a public one.
// the fixed DER header of such a key: version, the number of the algorithm, and the
// length of what follows
const PRIVATE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that signs.
#[derive(Debug)]
pub(crate) struct SigningKey(KeyPair);

/// A key that checks signatures.
#[derive(Debug)]
pub(crate) struct CheckingKey(PublicKey);

impl SigningKey {
    /// Reads a private key in PEM.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn read(pem: &str) -> Result<Self, String> {
        let why =
            "is no private Ed25519 key in PEM, as `openssl genpkey -algorithm ed25519` makes it";
        let bytes = key_of(pem, "PRIVATE KEY", &PRIVATE).ok_or(why)?;
        Ok(Self(KeyPair::from_seed(Seed::new(bytes))))
    }

    /// The envelope around a statement. The same key and statement give the same bytes.
    pub(super) fn envelope(&self, statement: &[u8]) -> String {
        // no random part goes in, so signing twice gives the same bytes
        let signature = self.0.sk.sign(encoded(statement), None);
        let envelope = json!({
            "payloadType": PAYLOAD,
            "payload": BASE64_STANDARD.encode(statement),
            "signatures": [{ "keyid": key_id(&self.0.pk), "sig": BASE64_STANDARD.encode(*signature) }],
        });
        format!("{envelope:#}\n")
    }
}

impl CheckingKey {
    /// Reads a public key in PEM.
    ///
    /// # Errors
    /// If it is none.
    pub(crate) fn read(pem: &str) -> Result<Self, String> {
        let why = "is no public Ed25519 key in PEM, as `openssl pkey -pubout` gives it";
        let bytes = key_of(pem, "PUBLIC KEY", &PUBLIC).ok_or(why)?;
        Ok(Self(PublicKey::new(bytes)))
    }
}

/// Holds an envelope against the statement beside it and, where there is one, a key. What is
/// wrong is told in words.
pub(super) fn fault(
    envelope: &[u8],
    statement: &[u8],
    key: Option<&CheckingKey>,
) -> Option<&'static str> {
    let Ok(envelope) = serde_json::from_slice::<Value>(envelope) else {
        return Some("is no signed envelope");
    };
    let bytes = |value: &Value| BASE64_STANDARD.decode(value.as_str()?).ok();
    // to the byte: a statement that merely means the same is not the one that was
    // signed
    if bytes(&envelope["payload"]).as_deref() != Some(statement) {
        return Some("signs another statement than the one in the bundle");
    }
    // without a key nothing more can be said, and that is no fault
    let key = key?;
    let signatures = envelope["signatures"].as_array().into_iter().flatten();
    let is_good = |signature: &Value| {
        let signature = bytes(&signature["sig"])?;
        let signature = Signature::from_slice(&signature).ok()?;
        key.0.verify(encoded(statement), &signature).ok()
    };
    // other keys may have signed as well
    let is_signed = envelope["payloadType"] == PAYLOAD
        && signatures.into_iter().any(|signature| is_good(signature).is_some());
    (!is_signed).then_some("is not signed by the key that was given")
}

/// What is signed: type and content, each behind its length (DSSE version 1).
fn encoded(statement: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), statement.len());
    [head.as_bytes(), statement].concat()
}

fn key_id(key: &PublicKey) -> String {
    // the digest of the key as it stands in its PEM file, so that anybody can compute
    // it
    sha256(&[PUBLIC.as_slice(), key.as_slice()].concat())
}

/// The 32 bytes of a key behind what says that it is one of Ed25519.
fn key_of(pem: &str, what: &str, before: &[u8]) -> Option<[u8; 32]> {
    let (begin, end) = (format!("-----BEGIN {what}-----"), format!("-----END {what}-----"));
    let text = pem.split_once(&begin)?.1.split_once(&end)?.0;
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    bytes.strip_prefix(before)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(what: &str, before: &[u8], key: &[u8]) -> String {
        let text = BASE64_STANDARD.encode([before, key].concat());
        format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
    }

    /// The first key of RFC 8032, section 7.1, with its public half.
    #[test]
    fn a_signature_is_of_its_key_and_of_its_statement() {
        let bytes = |hex: &str| -> Vec<u8> {
            let pairs =
                hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("hex"));
            pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
        };
        let private = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let key = SigningKey::read(&pem("PRIVATE KEY", &PRIVATE, &private)).expect("a key");
        assert_eq!(key.0.pk.as_slice(), public);
        let own = CheckingKey::read(&pem("PUBLIC KEY", &PUBLIC, &public)).expect("a key");
        let envelope = key.envelope(b"{}");
        assert_eq!(envelope, key.envelope(b"{}"));
        assert_eq!(fault(envelope.as_bytes(), b"{}", Some(&own)), None);
        assert!(fault(envelope.as_bytes(), b"{ }", None).is_some());
        // a key of 32 equal bytes: any other one will do
        let other = key_of(&pem("X", &[], &[7; 32]), "X", &[]).expect("32 bytes");
        let other = CheckingKey(KeyPair::from_seed(Seed::new(other)).pk);
        let said = fault(envelope.as_bytes(), b"{}", Some(&other));
        assert_eq!(said, Some("is not signed by the key that was given"));
        assert!(SigningKey::read("a key").is_err() && CheckingKey::read("a key").is_err());
    }
}
