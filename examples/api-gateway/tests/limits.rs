//! How much may come: from a client, for a route, and in all.

mod world;

use std::time::Duration;

use world::{ROUTES, World, problem, quota};

/// Seconds until one may come again.
fn retry_after(answer: &reqwest::Response) -> u64 {
    answer.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_client_over_its_limit_gets_429_with_retry_after() {
    let world = World::with(ROUTES, |settings| settings.limits.client = quota(1, 3)).await;
    let mut refused = None;
    for _ in 0..30 {
        let answer = world.ask("/one/a").await;
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), 200);
    }
    let refused = refused.expect("no request was one too many");
    let wait = retry_after(&refused);
    assert_eq!(wait, 1);
    let detail = problem(refused, 429).await;
    assert!(detail.contains("of yours") && detail.contains("1 s"), "{detail}");
    let bob = world.ask_with("/one/a", &world.token("bob")).await;
    assert_eq!(bob.status(), 200, "others are not held up");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(world.ask("/one/a").await.status(), 200, "it waited for Retry-After");
}

#[tokio::test]
async fn a_client_has_one_limit_for_all_its_tokens() {
    let world = World::with(ROUTES, |settings| settings.limits.client = quota(1, 1)).await;
    let mut claims = world::claims("ada");
    let mut limited = 0;
    for nth in 0..20 {
        claims["jti"] = nth.into();
        let token = world.signer.sign(&claims).unwrap();
        limited += u32::from(world.ask_with("/one/a", &token).await.status() == 429);
    }
    assert!(limited > 0);
}

#[tokio::test]
async fn clients_without_a_token_are_counted_by_address() {
    let world = World::with(ROUTES, |settings| settings.limits.client = quota(1, 1)).await;
    let mut limited = 0;
    for nth in 0..20 {
        // A client cannot claim another address.
        let spoofed = world.get("/open/a").header("x-forwarded-for", format!("10.0.0.{nth}"));
        limited += u32::from(spoofed.send().await.unwrap().status() == 429);
    }
    assert!(limited > 0);
    assert_eq!(world.ask("/one/a").await.status(), 200, "a client with a token is another one");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_is_counted_by_itself() {
    let change = |settings: &mut world::Settings| {
        settings.limits.client = quota(1, 1);
        settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let world = World::with(ROUTES, change).await;
    let ask = async |address: &str| {
        world.get("/open/a").header("x-forwarded-for", address).send().await.unwrap().status()
    };
    for nth in 0..20 {
        assert_eq!(ask(&format!("10.0.0.{nth}")).await, 200, "{nth}");
    }
    let mut limited = 0;
    for nth in 0..20 {
        // The element of the client precedes the element that the proxy added.
        limited += u32::from(ask(&format!("10.0.0.{nth}, 10.9.9.9")).await == 429);
    }
    assert!(limited > 0);
}

const LIMITED: &str = r#"
[routes.few]
path = "/few/{*rest}"
backend = "one"
limit = { per_second = 1, burst = 2 }

[routes.many]
path = "/many/{*rest}"
backend = "one"
"#;

#[tokio::test]
async fn a_route_has_a_limit_for_all_its_clients() {
    let world = World::with(LIMITED, |_| {}).await;
    let mut refused = None;
    for nth in 0..30 {
        let answer = world.ask_with("/few/a", &world.token(&format!("client {nth}"))).await;
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("no request was one too many");
    assert!(retry_after(&refused) >= 1);
    assert!(problem(refused, 429).await.contains("for this route"));
    assert_eq!(world.ask("/many/a").await.status(), 200);
}

#[tokio::test]
async fn there_is_a_limit_for_all_together() {
    let world = World::with(ROUTES, |settings| settings.limits.global = quota(1, 5)).await;
    let mut refused = None;
    for _ in 0..40 {
        // It is met before a token is looked at, and before a route is looked for.
        let answer = world.get("/nowhere").send().await.unwrap();
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status(), 404);
    }
    let refused = refused.expect("no request was one too many");
    assert!(retry_after(&refused) >= 1);
    assert!(problem(refused, 429).await.contains("at once"));
}

#[tokio::test]
async fn limits_that_stay_the_same_count_on_after_a_reload() {
    let routes = |burst: u32| LIMITED.replace("burst = 2", &format!("burst = {burst}"));
    let world = World::with(&routes(1), |_| {}).await;
    let used_up = async || {
        for _ in 0..30 {
            if world.ask("/few/a").await.status() == 429 {
                return true;
            }
        }
        false
    };
    assert!(used_up().await);
    assert_eq!(world.reload(&routes(1)).await.status(), 200);
    assert!(used_up().await);
    assert_eq!(world.reload(&routes(1_000)).await.status(), 200);
    assert_eq!(world.ask("/few/a").await.status(), 200, "another limit begins anew");
}
