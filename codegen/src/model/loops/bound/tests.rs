use super::{BoundReading, read};

/// Texts with the passes that they allow.
#[track_caller]
fn bounds(passes: u32, texts: &[&str]) {
    let wrong: Vec<_> = texts
        .iter()
        .map(|text| (*text, read(text)))
        .filter(|(_, read)| read.passes() != Some(passes))
        .collect();
    assert!(wrong.is_empty(), "not {passes}: {wrong:#?}");
}

#[track_caller]
fn reads(reading: BoundReading, texts: &[&str]) {
    let wrong: Vec<_> =
        texts.iter().map(|text| (*text, read(text))).filter(|(_, read)| *read != reading).collect();
    assert!(wrong.is_empty(), "not {reading:?}: {wrong:#?}");
}

#[test]
fn limits() {
    bounds(
        3,
        &[
            "up to 3 times",
            "Up To Three",
            "at most 3",
            "at most 3 times",
            "at the most 3 times",
            "max 3",
            "max. 3",
            "Max: 3",
            "max = 3",
            "max(3)",
            "maximum 3",
            "maximum of 3 attempts",
            "a maximum of three tries",
            "no more than 3 times",
            "not more than 3 times",
            "never more than 3 times",
            "limit 3",
            "limited to 3 attempts",
            "≤ 3",
            "<= 3",
            "=< 3",
            "≤3",
            "< 4",
            "<4",
            "fewer than 4 times",
            "less than 4",
            "attempts < 4",
            "attempts <= 3",
            "wait 5 minutes, max 3",
            "until paid, at most 3 times",
            "until paid or max 3",
            "until paid (max 3)",
            "until paid or at most 3 attempts",
            "poll at most 3",
            "call customer max 3",
            "max 3 then give up",
            "max 3 attempts per customer",
            "3 max",
            "3 times max",
            "3 or fewer times",
            "up to 3 consecutive failed attempts",
            "between 2 and 3 times",
            "2-3 times",
            "2 – 3 times",
            "2 to 3 attempts",
            "up to 2 or 3 times",
            "within 3 attempts",
            "up to 3 times in total",
            "at most 3 passes",
            "max 3 rounds",
            "max-3",
            "limit: 3",
            "not exceeding 3 attempts",
            "try until it works, up to 3 times",
            "try until paid up to 3 times",
        ],
    );
}

#[test]
fn counts_without_a_limit() {
    bounds(
        3,
        &[
            "3 times",
            "3times",
            "3 Times",
            "three times",
            "three attempts",
            "3 attempts",
            "3 tries",
            "3x",
            "3 x",
            "3×",
            "x3",
            "×3",
            "thrice",
            "exactly 3 times",
            "try 3 times",
            "call customer 3 times",
            "poll three times",
            "repeat 3 times",
            "repeat 3",
            "attempts: 3",
            "max attempts: 3",
            "max. attempts 3",
            "maxAttempts=3",
            "max_attempts: 3",
            "max number of attempts: 3",
            "attempt limit 3",
            "a total of 3 attempts",
            "3-times",
            "until paid or 3 attempts",
            "stop after 3 attempts",
            "give up after three tries",
            "poll 3x",
            "call x3",
            "３ times",
        ],
    );
    bounds(2, &["twice", "call twice", "up to twice"]);
    bounds(1, &["at most once", "max once", "only once", "1 time", "max 1"]);
    bounds(11, &["up to eleven times", "eleven attempts"]);
}

#[test]
fn retries_come_after_the_first_pass() {
    bounds(
        4,
        &[
            "retry up to 3 times",
            "retry 3",
            "retry: 3",
            "retry (3)",
            "3 retries",
            "maximum 3 retries",
            "max 3 re-tries",
            "retry x3",
            "retry 3x",
            "retry 3 times",
            "Retry payment up to three times",
            "retry payment, at most 3 times",
            "try again up to 3 times",
            "retries: 3",
            "maxRetries=3",
            "MAX_RETRIES: 3",
            "retry limit 3",
            "3 more times",
            "up to 3 more attempts",
            "another 3 times",
            "retries <= 3",
            "retries < 4",
            "no more than 3 retries",
            "up to 3 times retry",
            "reattempt up to 3 times",
            "3 additional tries",
        ],
    );
    bounds(3, &["retry, max 3 attempts", "retry: 3 attempts", "3 attempts, then retry tomorrow"]);
    bounds(2, &["retry once", "1 retry", "retry at most once"]);
    bounds(3, &["retry twice", "retry fewer than 3 times"]);
    bounds(1, &["max 0 retries"]);
    assert_eq!(read("retry up to 3 times"), BoundReading::Bound { passes: 4, retries: Some(3) });
    assert_eq!(read("3 times"), BoundReading::Bound { passes: 3, retries: None });
}

#[test]
fn numbers_are_read_as_they_are_written() {
    bounds(
        1_000,
        &[
            "up to 1,000 times",
            "up to 1.000 times",
            "up to 1'000 times",
            "up to 1’000 times",
            "1_000 times",
            "1k times",
            "a thousand times",
            "one thousand times",
        ],
    );
    bounds(
        10_000,
        &[
            "up to 10 000 times",
            "up to 10\u{a0}000 times",
            "up to 10\u{202f}000 times",
            "up to 10\u{2009}000 times",
            "10k times",
            "ten thousand times",
        ],
    );
    bounds(1_000_000, &["max 1,000,000", "max 1.000.000", "1 million times"]);
    bounds(25, &["twenty-five times", "twenty five times", "max twenty-five"]);
    bounds(250, &["two hundred and fifty times", "two hundred fifty times", "250 times"]);
    bounds(100, &["a hundred times", "one hundred times", "up to a hundred times"]);
    bounds(
        u32::MAX,
        &["99999999999 times", "max 99999999999999999999999999999999", "retry 4294967295 times"],
    );
    reads(
        BoundReading::NotRead,
        &[
            "max 2.5",
            "max 1.5 times",
            "1,5 times",
            "0.500 times",
            "max -1",
            "-3 times",
            "max −1",
            "up to -1 times",
            "1,00 times",
            "1.000,5 times",
        ],
    );
}

#[test]
fn other_languages() {
    bounds(
        3,
        &[
            "最多3次",
            "最多 3 次",
            "最多三次",
            "至多3次",
            "不超过3次",
            "最大3回",
            "3回まで",
            "3次以内",
            "최대 3회",
            "bis zu 3 mal",
            "bis zu 3 Mal",
            "höchstens 3 Mal",
            "höchstens dreimal",
            "maximal 3 Versuche",
            "drei Mal",
            "3mal",
            "jusqu'à 3 fois",
            "jusqu’à trois fois",
            "au maximum 3 fois",
            "3 fois",
            "hasta 3 veces",
            "hasta tres veces",
            "como máximo 3 intentos",
            "até 3 vezes",
            "fino a 3 volte",
            "maximaal 3 keer",
            "до 3 раз",
            "не более 3 раз",
        ],
    );
    bounds(
        4,
        &[
            "重试3次",
            "最多重试3次",
            "重试最多3次",
            "リトライ3回",
            "réessayer jusqu'à 3 fois",
            "reintentar hasta 3 veces",
        ],
    );
    bounds(2, &["少于3次"]);
    reads(
        BoundReading::NotRead,
        &[
            "至少3次",
            "每天3次",
            "第3次",
            "每3分钟",
            "mindestens 3 Mal",
            "au moins 3 fois",
            "al menos 3 veces",
            "3次以上",
            "3回目",
            "3 fois par jour",
        ],
    );
}

#[test]
fn zero() {
    reads(
        BoundReading::Zero,
        &[
            "max 0",
            "0 times",
            "x0",
            "zero times",
            "at most 0 attempts",
            "less than 1",
            "fewer than 1 time",
            "no more than 0 times",
        ],
    );
}

#[test]
fn numbers_that_are_no_bound() {
    reads(
        BoundReading::NotRead,
        &[
            "chunks of up to 5 MB",
            "up to 5MB",
            "at least 3 times",
            "min 3",
            "minimum of 3 attempts",
            "more than 3 times",
            "> 3",
            ">= 3",
            "≥ 3 attempts",
            "no fewer than 3 times",
            "twice a day",
            "3 times a day",
            "3 times per hour",
            "3 times daily",
            "3x daily",
            "3/day",
            "every 3 minutes",
            "every 3 days",
            "every 3 attempts",
            "backoff x2",
            "backoff 2x",
            "with backoff factor 2",
            "retry with backoff x2",
            "3 days",
            "max 5 minutes",
            "max 0 minutes",
            "up to 3 days",
            "until 5 items left",
            "until 0 are left",
            "step 3",
            "attempt 3",
            "round 3",
            "pass 3",
            "while status is 3",
            "until status 200",
            "for each of the ten orders",
            "for amounts up to 1000",
            "price up to 100 EUR",
            "while stock is less than 3",
            "stock < 3",
            "while attempts < 3",
            "while fewer than 3 attempts were made",
            "until it fails 3 times",
            "if it fails 3 times",
            "2x faster",
            "3 times faster",
            "3 times as long",
            "3 times the price",
            "max 50%",
            "up to 50 %",
            "max 3 items",
            "up to 3 customers",
            "page 2 of 3",
            "2 out of 3 times",
            "10x20",
            "24/7",
            "until 12:30",
            "at most 3/5 times",
            "#3",
            "max 3 in parallel",
            "about 3 times",
            "~3 times",
            "after 3 attempts",
            "until at most 3 attempts are left",
            "3",
            "until 3",
        ],
    );
}

#[test]
fn texts_without_numbers() {
    reads(
        BoundReading::NoNumber,
        &[
            "",
            "until paid",
            "while items remain",
            "x",
            "fix",
            "once it is paid",
            "max",
            "up to",
            "次",
            "a few times",
            "max ∞",
            "until one of them answers",
            "onetime",
            "einmal",
        ],
    );
}

#[test]
fn the_smallest_of_several_bounds_holds() {
    bounds(3, &["max 5 retries, at most 3 attempts", "3 times, max 10", "max 10, max 3"]);
    bounds(3, &["wait 0 minutes, max 3", "every 2 minutes, up to 3 times", "chunks of 5 MB, max 3 attempts"]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "(up to|max|retry|[0-9]{1,22}|-|,|\\.| |一|次|times|x|<|=|a|hundred|and|twenty|to|\\PC){0,12}") {
        let _ = read(&text);
    }
}
