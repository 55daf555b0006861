//! Invalid settings are refused by name.

use std::time::Duration;

use circuit_breaker::{Breaker, Registry, Settings, Window};

#[test]
fn each_field_is_checked() {
    let default = Settings::default;
    let zero = Duration::ZERO;
    let wrong = [
        ("window", Settings { window: Window::Calls(0), ..default() }),
        ("window", Settings { window: Window::Time(Duration::from_nanos(9)), ..default() }),
        ("failure_rate", Settings { failure_rate: 0.0, ..default() }),
        ("failure_rate", Settings { failure_rate: 1.1, ..default() }),
        ("failure_rate", Settings { failure_rate: f64::NAN, ..default() }),
        ("slow_rate", Settings { slow_rate: -1.0, ..default() }),
        ("slow_after", Settings { slow_after: Some(zero), ..default() }),
        ("minimum_calls", Settings { minimum_calls: 0, ..default() }),
        ("minimum_calls", Settings { minimum_calls: 101, ..default() }),
        ("open_for", Settings { open_for: zero, ..default() }),
        ("backoff", Settings { backoff: 0.9, ..default() }),
        ("backoff", Settings { backoff: f64::INFINITY, ..default() }),
        ("longest_open", Settings { longest_open: Duration::from_secs(1), ..default() }),
        ("probes", Settings { probes: 0, ..default() }),
        ("half_open_for", Settings { half_open_for: zero, ..default() }),
    ];
    for (field, settings) in wrong {
        let refused = Breaker::new("target", settings.clone()).unwrap_err();
        assert_eq!(refused.field, field, "{refused}");
        assert!(refused.to_string().contains(&format!("`{field}`")), "{refused}");
        assert_eq!(Registry::new(settings).unwrap_err(), refused);
    }
}

#[test]
fn the_error_names_the_field_and_the_range() {
    let refused = Breaker::new("target", Settings { failure_rate: 50.0, ..Settings::default() });
    let said = "the setting `failure_rate` of a circuit breaker is 50, which is not above 0 and up to 1";
    assert_eq!(refused.unwrap_err().to_string(), said);
}

#[test]
fn the_defaults_are_valid() {
    assert_eq!(Settings::default().check(), Ok(()));
}
