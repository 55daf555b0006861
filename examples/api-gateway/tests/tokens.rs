//! Whose tokens are taken, and whose are not.

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use world::{Clock, Identity, ROUTES, Signer, World, claims, problem, serve, until};

/// A token in plain text: two parts of JSON, and a signature.
fn token(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

async fn refused(world: &World, token: &str) -> String {
    let answer = world.ask_with("/one/a", token).await;
    assert_eq!(answer.headers().get("www-authenticate").unwrap(), "Bearer error=\"invalid_token\"");
    let detail = problem(answer, 401).await;
    assert_eq!(world.one.count(), 0, "a backend was asked");
    detail
}

#[tokio::test]
async fn a_valid_token_is_accepted_and_the_backend_gets_its_subject() {
    let world = World::new().await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
    assert_eq!(world.one.last().header("x-auth-subject"), Some("ada"));
}

#[tokio::test]
async fn without_a_token_there_is_nothing() {
    let world = World::new().await;
    for header in ["", "Basic YWRhOjE=", "Bearer", "Bearer ", "bearer a.b", "Bearer \u{e4}"] {
        let mut request = world.get("/one/a");
        if !header.is_empty() {
            request = request.header("authorization", header.as_bytes());
        }
        problem(request.send().await.unwrap(), 401).await;
    }
    let twice = world.get("/one/a").bearer_auth(world.token("ada")).bearer_auth(world.token("bob"));
    let detail = problem(twice.send().await.unwrap(), 401).await;
    assert_eq!(detail, "there is more than one token");
    assert_eq!(world.one.count(), 0);
}

#[tokio::test]
async fn a_forged_token_is_refused() {
    let world = World::new().await;
    let forged = Signer::new("key-1").sign(&claims("ada")).unwrap();
    assert!(refused(&world, &forged).await.contains("signature"));
    let good = world.token("ada");
    let (message, signature) = good.rsplit_once('.').unwrap();
    let mut others = claims("ada");
    others["sub"] = json!("root");
    let (header, _) = message.split_once('.').unwrap();
    let altered = format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(others.to_string()));
    assert!(refused(&world, &altered).await.contains("signature"));
    assert!(refused(&world, &format!("{message}.")).await.contains("signature"));
    assert!(refused(&world, &"a".repeat(9_000)).await.contains("too long"));
    assert!(refused(&world, "a.b.c").await.contains("can't be read"));
}

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let world = World::new().await;
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": "key-1" });
        for signature in ["", "AAAA"] {
            refused(&world, &token(&header, &claims("ada"), signature)).await;
        }
    }
}

/// The public key is no secret, so it must not do as one.
#[tokio::test]
async fn a_token_that_is_signed_with_the_public_key_is_refused() {
    let world = World::new().await;
    let set = format!("http://{}/jwks.json", serve(world.identity.routes()).await.unwrap());
    let set: Value = world.client.get(set).send().await.unwrap().json().await.unwrap();
    let public = set["keys"][0]["x"].as_str().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(public).unwrap();
    for secret in [public.as_bytes(), &bytes] {
        for algorithm in [Algorithm::HS256, Algorithm::HS512] {
            let header = Header { kid: Some("key-1".to_owned()), ..Header::new(algorithm) };
            let forged = encode(&header, &claims("ada"), &EncodingKey::from_secret(secret)).unwrap();
            assert!(refused(&world, &forged).await.contains("algorithm"));
        }
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_listed_is_refused() {
    let world = World::with(ROUTES, |settings| settings.auth.algorithms = vec![Algorithm::RS256]).await;
    assert!(refused(&world, &world.token("ada")).await.contains("algorithm"));
}

/// A key that is for nothing but these tests.
fn key(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text.replace('\n', "")).unwrap()
}

#[tokio::test]
async fn each_kind_of_key_is_accepted_for_its_own_algorithm_only() {
    let p256 = EncodingKey::from_ec_der(&key(include_str!("keys/p256.txt")));
    let rsa = EncodingKey::from_rsa_der(&key(include_str!("keys/rsa.txt")));
    let mut keys = Vec::new();
    for (kid, key, algorithm) in [("p256", &p256, Algorithm::ES256), ("rsa", &rsa, Algorithm::RS256)] {
        let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        keys.push(jwk);
    }
    // The same key, of which the set does not say what it is for.
    let mut any = keys[1].clone();
    any.common.key_id = Some("any".to_owned());
    any.common.key_algorithm = None;
    keys.push(any);
    let set = json!({ "keys": keys });
    let routes = axum::Router::new().route("/keys", get(move || async move { Json(set) }));
    let url = format!("http://{}/keys", serve(routes).await.unwrap());
    let change = |settings: &mut world::Settings| {
        settings.auth.jwks = url;
        settings.auth.algorithms.push(Algorithm::PS256);
    };
    let world = World::with(ROUTES, change).await;
    let signed = |kid: &str, key: &EncodingKey, algorithm: Algorithm| {
        let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
        encode(&header, &claims("ada"), key).unwrap()
    };
    // One for another algorithm, though the key could do it.
    assert!(refused(&world, &signed("rsa", &rsa, Algorithm::PS256)).await.contains("another algorithm"));
    assert!(refused(&world, &signed("p256", &rsa, Algorithm::RS256)).await.contains("another algorithm"));
    refused(&world, &signed("any", &p256, Algorithm::ES256)).await;
    for token in [
        signed("p256", &p256, Algorithm::ES256),
        signed("rsa", &rsa, Algorithm::RS256),
        signed("any", &rsa, Algorithm::PS256),
    ] {
        assert_eq!(world.ask_with("/one/a", &token).await.status(), 200);
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_or_audience_is_refused() {
    let world = World::new().await;
    let changed = |key: &str, value: Value| {
        let mut claims = claims("ada");
        claims[key] = value;
        world.signer.sign(&claims).unwrap()
    };
    for (key, value) in [
        ("iss", json!("https://elsewhere.example")),
        ("iss", json!(null)),
        ("aud", json!("others")),
        ("aud", json!(["others", "more"])),
        ("sub", json!(null)),
        ("sub", json!(7)),
        ("sub", json!("line\nbreak")),
        ("exp", json!(null)),
        ("exp", json!("tomorrow")),
        ("exp", json!(-1)),
    ] {
        refused(&world, &changed(key, value)).await;
    }
    for key in ["iss", "aud", "sub", "exp"] {
        let mut claims = claims("ada");
        claims.as_object_mut().unwrap().remove(key);
        refused(&world, &world.signer.sign(&claims).unwrap()).await;
    }
    assert_eq!(world.ask_with("/one/a", &changed("aud", json!(["others", "api"]))).await.status(), 200);
}

#[tokio::test]
async fn a_token_expires_by_the_clock() {
    let now = Arc::new(AtomicU64::new(1_000_000));
    let told = Arc::clone(&now);
    let clock = Clock::new(move || UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst)));
    let world = World::at(clock, ROUTES, |settings| settings.auth.leeway_s = 30).await;
    let mut claims = claims("ada");
    claims["exp"] = json!(1_000_100);
    claims["nbf"] = json!(999_990);
    let token = world.signer.sign(&claims).unwrap();
    for (seconds, status) in [(999_959, 401), (999_960, 200), (1_000_129, 200), (1_000_130, 401)] {
        now.store(seconds, Ordering::SeqCst);
        assert_eq!(world.ask_with("/one/a", &token).await.status(), status, "at {seconds}");
    }
    let detail = problem(world.ask_with("/one/a", &token).await, 401).await;
    assert_eq!(detail, "the token has expired");
}

#[tokio::test]
async fn a_token_has_to_name_a_key_and_no_extensions() {
    let world = World::new().await;
    let header = json!({ "alg": "EdDSA" });
    assert!(refused(&world, &token(&header, &claims("ada"), "AAAA")).await.contains("names no key"));
    let header = json!({ "alg": "EdDSA", "kid": "key-1", "crit": ["exp"], "exp": 1 });
    assert!(refused(&world, &token(&header, &claims("ada"), "AAAA")).await.contains("extensions"));
    let header =
        json!({ "alg": "EdDSA", "kid": "key-1", "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "AAAA" } });
    refused(&world, &token(&header, &claims("ada"), "AAAA")).await;
}

#[tokio::test]
async fn keys_are_kept() {
    let world = World::new().await;
    for _ in 0..20 {
        assert_eq!(world.ask("/one/a").await.status(), 200);
    }
    assert_eq!(world.identity.asked(), 1);
}

#[tokio::test]
async fn a_new_key_is_known_at_once_and_an_old_one_goes() {
    let world = World::with(ROUTES, |settings| settings.auth.refresh_ms = 1).await;
    let (old, next) = (world.token("ada"), Signer::new("key-2"));
    let new = next.sign(&claims("ada")).unwrap();
    assert_eq!(world.ask_with("/one/a", &old).await.status(), 200);
    world.identity.publish([world.signer.clone(), next.clone()]);
    assert_eq!(world.ask_with("/one/a", &new).await.status(), 200);
    assert_eq!(world.ask_with("/one/a", &old).await.status(), 200);
    world.identity.publish([next]);
    until("the old key is forgotten", async || world.ask_with("/one/a", &old).await.status() == 401).await;
    assert_eq!(world.ask_with("/one/a", &new).await.status(), 200);
}

/// Anybody can make up the name of a key.
#[tokio::test]
async fn unknown_keys_do_not_flood_the_identity_service() {
    let world = World::with(ROUTES, |settings| settings.auth.cooldown_ms = 3_600_000).await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
    let asked = (0..50).map(|nth| {
        let token = Signer::new(&format!("made up {nth}")).sign(&claims("eve")).unwrap();
        let request = world.get("/one/a").bearer_auth(token).send();
        async { assert_eq!(request.await.unwrap().status(), 401) }
    });
    futures_util::future::join_all(asked).await;
    assert_eq!(world.identity.asked(), 1);
}

#[tokio::test]
async fn concurrent_requests_fetch_the_keys_once() {
    let world = World::with(ROUTES, |settings| settings.auth.cooldown_ms = 3_600_000).await;
    let asked = (0..50).map(|_| world.ask("/one/a"));
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(world.identity.asked(), 1);
}

#[tokio::test]
async fn without_keys_no_token_can_be_verified() {
    let world = World::new().await;
    world.identity.set_down(true);
    let detail = problem(world.ask("/one/a").await, 503).await;
    assert!(detail.contains("identity service"), "{detail}");
    assert_eq!(world.ask("/open/a").await.status(), 200, "a public route needs no keys");
    world.identity.set_down(false);
    assert_eq!(world.ask("/one/a").await.status(), 200);
}

#[tokio::test]
async fn keys_go_on_while_the_identity_service_is_down() {
    let world = World::with(ROUTES, |settings| settings.auth.refresh_ms = 1).await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
    world.identity.set_down(true);
    let before = world.identity.asked();
    for _ in 0..10 {
        assert_eq!(world.ask("/one/a").await.status(), 200);
    }
    until("it was asked again", async || world.identity.asked() > before).await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
}

#[tokio::test]
async fn keys_are_not_good_for_ever() {
    let change = |settings: &mut world::Settings| {
        settings.auth.refresh_ms = 1;
        settings.auth.stale_ms = 1_000;
    };
    let world = World::with(ROUTES, change).await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
    world.identity.set_down(true);
    until("they are too old", async || world.ask("/one/a").await.status() == 503).await;
    world.identity.set_down(false);
    assert_eq!(world.ask("/one/a").await.status(), 200);
}

#[tokio::test]
async fn keys_that_can_not_be_used_do_no_harm_to_others() {
    let good = Signer::new("key-1");
    let identity = Identity::of([good.clone()]);
    let url = format!("http://{}/jwks.json", serve(identity.routes()).await.unwrap());
    let set: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let odd = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "short", "alg": "EdDSA", "x": "AAAA" },
        { "kty": "oct", "kid": "secret", "alg": "HS256", "k": "AAAA" },
        { "kty": "RSA", "kid": "for encryption", "use": "enc", "n": "AQAB", "e": "AQAB" },
        { "kty": "EC", "crv": "P-256", "kid": "no point", "x": "AAAA", "y": "AAAA" },
        { "kty": "RSA", "kid": "tiny", "n": "AQAB", "e": "AQAB" },
        { "kty": "new", "kid": "unknown" },
        { "kid": "nothing" },
        7,
        set["keys"][0],
    ]});
    let routes = axum::Router::new().route("/keys", get(move || async move { Json(odd) }));
    let url = format!("http://{}/keys", serve(routes).await.unwrap());
    let world = World::with(ROUTES, |settings| settings.auth.jwks = url).await;
    for kid in ["short", "secret", "for encryption", "no point", "tiny", "unknown", "nothing"] {
        for algorithm in ["EdDSA", "ES256", "RS256"] {
            let header = json!({ "alg": algorithm, "kid": kid });
            refused(&world, &token(&header, &claims("ada"), &"A".repeat(86))).await;
        }
    }
    assert_eq!(world.ask_with("/one/a", &good.sign(&claims("ada")).unwrap()).await.status(), 200);
}

/// The client's token may be good: it must not be asked to log in again.
#[tokio::test]
async fn a_new_key_while_the_identity_service_is_down_is_no_verdict_on_the_token() {
    let world = World::new().await;
    assert_eq!(world.ask("/one/a").await.status(), 200);
    let next = Signer::new("key-2");
    let new = next.sign(&claims("ada")).unwrap();
    world.identity.set_down(true);
    problem(world.ask_with("/one/a", &new).await, 503).await;
    assert_eq!(world.ask("/one/a").await.status(), 200, "known keys go on");
    world.identity.publish([world.signer.clone(), next]);
    world.identity.set_down(false);
    assert_eq!(world.ask_with("/one/a", &new).await.status(), 200);
}

#[tokio::test]
async fn made_up_keys_do_not_delay_a_new_key() {
    let world = World::with(ROUTES, |settings| settings.auth.cooldown_ms = 300).await;
    let next = Signer::new("key-2");
    let new = next.sign(&claims("ada")).unwrap();
    for nth in 0..3 {
        let forged = Signer::new(&format!("made up {nth}")).sign(&claims("eve")).unwrap();
        assert_eq!(world.ask_with("/one/a", &forged).await.status(), 401);
    }
    world.identity.publish([world.signer.clone(), next]);
    assert_eq!(world.ask_with("/one/a", &new).await.status(), 200, "it waits for the next fetch");
}

#[tokio::test]
async fn times_may_have_fractions_and_reasons_are_exact() {
    let world = World::new().await;
    let sign = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims("ada");
        change(&mut claims);
        world.signer.sign(&claims).unwrap()
    };
    let fraction = sign(&|claims| claims["exp"] = json!(claims["exp"].as_f64().unwrap() + 0.5));
    assert_eq!(world.ask_with("/one/a", &fraction).await.status(), 200);
    for (change, said) in [
        (
            &(|claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("exp")))
                as &dyn Fn(&mut Value),
            "lacks",
        ),
        (&|claims| claims["exp"] = json!("soon"), "wrong type"),
        (&|claims| claims["sub"] = json!(""), "empty"),
        (&|claims| claims["iss"] = json!([claims["iss"].clone()]), "wrong type"),
        (&|claims| claims["iss"] = json!("https://else.example"), "another issuer"),
        (&|claims| claims["aud"] = json!("another"), "another audience"),
    ] {
        let answer = world.ask_with("/one/a", &sign(change)).await;
        let detail = problem(answer, 401).await;
        assert!(detail.contains(said), "{said}: {detail}");
    }
}
