//! Access tokens: JWT signed with EdDSA. Every claim is required, and time is the context's, not the library's.

use crate::{IdentityError, Keys, Session};
use access::Role;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use types::{SessionId, TenantId, UserId};

/// Clocks of two replicas may differ by this much: a token may be presented "before" it was made.
const LEEWAY: i64 = 30;
const KIND: &str = "access";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: UserId,
    pub(crate) tenant: TenantId,
    pub(crate) session: SessionId,
    pub(crate) role: Role,
    pub(crate) typ: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
}

pub(crate) struct Tokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    issuer: String,
}

impl Tokens {
    pub(crate) fn new(keys: &Keys, public_url: &str) -> Result<Self, IdentityError> {
        let issuer = public_url.trim_end_matches('/').to_owned();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&issuer]);
        // The library reads the system's clock; `read` compares with ours.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            signing: keys.signing(),
            verifying: keys.verifying().map_err(IdentityError::Signing)?,
            validation,
            issuer,
        })
    }

    pub(crate) fn issue(&self, session: &Session, now: Timestamp) -> Result<String, IdentityError> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.issuer.clone(),
            sub: session.user,
            tenant: session.tenant,
            session: session.id,
            role: session.role,
            typ: KIND.to_owned(),
            iat: now.as_second(),
            nbf: now.as_second(),
            exp: session.expires_at.as_second(),
        };
        self.sign(&claims)
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, IdentityError> {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &self.signing)
            .map_err(IdentityError::Signing)
    }

    /// The claims of a token that is ours and valid now.
    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let claims = self.read_whenever(token)?;
        let seconds = now.as_second();
        (claims.nbf <= seconds + LEEWAY && seconds < claims.exp).then_some(claims)
    }

    /// The claims of a token that is ours, even if it has expired: good for ending its session, nothing else.
    pub(crate) fn read_whenever(&self, token: &str) -> Option<Claims> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation)
            .ok()?
            .claims;
        (claims.typ == KIND).then_some(claims)
    }
}

pub(crate) fn expiry(now: Timestamp, lifetime: SignedDuration) -> Timestamp {
    now.checked_add(lifetime).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Randomness;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::{Value, json};
    use uuid::Uuid;

    const URL: &str = "https://shop.example";

    fn tokens() -> Tokens {
        Tokens::new(&Keys::generate(&Randomness::seeded(1)), URL).unwrap()
    }

    fn now() -> Timestamp {
        "2026-03-31T12:00:00Z".parse().unwrap()
    }

    fn session() -> Session {
        Session {
            id: SessionId(Uuid::from_u128(1)),
            user: UserId(Uuid::from_u128(2)),
            tenant: TenantId(Uuid::from_u128(3)),
            role: Role::Analyst,
            is_platform_admin: false,
            expires_at: expiry(now(), SignedDuration::from_mins(10)),
        }
    }

    fn claims() -> Value {
        let token = tokens().issue(&session(), now()).unwrap();
        let body = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
    }

    #[test]
    fn ours_is_read() {
        let tokens = tokens();
        let token = tokens.issue(&session(), now()).unwrap();
        let claims = tokens.read(&token, now()).unwrap();
        assert_eq!(
            (claims.sub, claims.tenant, claims.session, claims.role),
            (
                session().user,
                session().tenant,
                session().id,
                Role::Analyst
            )
        );
    }

    #[test]
    fn time_decides() {
        let tokens = tokens();
        let token = tokens.issue(&session(), now()).unwrap();
        for (seconds, valid) in [
            (-31, false),
            (-30, true),
            (599, true),
            (600, false),
            (1_000_000, false),
        ] {
            let at = now() + SignedDuration::from_secs(seconds);
            assert_eq!(tokens.read(&token, at).is_some(), valid, "{seconds} s");
        }
        assert!(tokens.read_whenever(&token).is_some());
    }

    #[test]
    fn every_claim_is_required_and_compared() {
        let tokens = tokens();
        assert!(
            tokens
                .read(&tokens.sign(&claims()).unwrap(), now())
                .is_some()
        );
        let all = claims();
        assert_eq!(all.as_object().unwrap().len(), 10);
        for name in all.as_object().unwrap().keys() {
            let mut missing = all.clone();
            missing.as_object_mut().unwrap().remove(name);
            let token = tokens.sign(&missing).unwrap();
            assert!(tokens.read(&token, now()).is_none(), "without {name}");
        }
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("https://evil.example")),
            ("aud", json!([])),
            ("typ", json!("refresh")),
            ("role", json!("platform_admin")),
            ("sub", json!("2")),
            ("exp", json!("never")),
            ("exp", json!(null)),
            ("nbf", json!(now().as_second() + 31)),
        ] {
            let mut wrong = all.clone();
            wrong[name] = value.clone();
            let token = tokens.sign(&wrong).unwrap();
            assert!(tokens.read(&token, now()).is_none(), "{name} = {value}");
        }
    }

    #[test]
    fn only_our_key_and_our_algorithm_count() {
        let tokens = tokens();
        let token = tokens.issue(&session(), now()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();

        let other = Tokens::new(&Keys::generate(&Randomness::seeded(2)), URL).unwrap();
        assert!(other.read(&token, now()).is_none());

        // "none", and the public key misused as a shared secret.
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert!(
            tokens
                .read(&format!("{none}.{}.", parts[1]), now())
                .is_none()
        );
        let public = tokens.verifying.try_get_as_bytes().unwrap();
        let hmac = jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims(),
            &EncodingKey::from_secret(public),
        )
        .unwrap();
        assert!(tokens.read(&hmac, now()).is_none());

        // Another body under the same signature; each single byte changed; a part too many or too few.
        let mut admin = claims();
        admin["role"] = json!("tenant_admin");
        let body = URL_SAFE_NO_PAD.encode(admin.to_string());
        assert!(
            tokens
                .read(&format!("{}.{body}.{}", parts[0], parts[2]), now())
                .is_none()
        );
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'Q' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(tokens.read(&changed, now()).is_none(), "byte {index}");
        }
        for wrong in ["", "..", "a.b.c", parts[1], &token[..token.len() - 1]] {
            assert!(tokens.read(wrong, now()).is_none(), "{wrong}");
        }
        assert!(tokens.read(&format!("{token}.x"), now()).is_none());
    }
}
