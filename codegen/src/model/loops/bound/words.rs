//! The words in which texts give bounds.

/// Phrases before a number that make it the most that is allowed.
pub(super) const AT_MOST: &[&str] = &[
    "up to",
    "upto",
    "at most",
    "at the most",
    "max",
    "maximum",
    "max of",
    "maximum of",
    "maximal",
    "maximally",
    "no more than",
    "not more than",
    "never more than",
    "not exceeding",
    "limit",
    "limit of",
    "limit to",
    "limited to",
    "capped at",
    "cap of",
    "bis zu",
    "höchstens",
    "nicht mehr als",
    "jusqu à",
    "au plus",
    "au maximum",
    "pas plus de",
    "hasta",
    "máximo",
    "como máximo",
    "no más de",
    "a lo sumo",
    "até",
    "no máximo",
    "fino a",
    "massimo",
    "al massimo",
    "non più di",
    "tot",
    "maximaal",
    "hoogstens",
    "högst",
    "maksymalnie",
    "до",
    "не более",
    "не больше",
    "максимум",
    "en fazla",
    "最多",
    "至多",
    "不超过",
    "不超過",
    "最大",
    "最高",
    "上限",
    "최대",
];

/// Phrases before a number that allow less than it.
pub(super) const BELOW: &[&str] = &[
    "fewer than",
    "less than",
    "under",
    "below",
    "weniger als",
    "moins de",
    "menos de",
    "menos que",
    "meno di",
    "minder dan",
    "少于",
    "少於",
    "менее",
    "меньше",
];

/// Phrases before a number that allow more than it.
pub(super) const AT_LEAST: &[&str] = &[
    "at least",
    "no fewer than",
    "no less than",
    "not fewer than",
    "not less than",
    "min",
    "minimum",
    "minimum of",
    "more than",
    "over",
    "above",
    "mindestens",
    "mehr als",
    "au moins",
    "plus de",
    "al menos",
    "por lo menos",
    "más de",
    "almeno",
    "至少",
    "最少",
    "超过",
    "не менее",
    "최소",
];

/// Phrases after a number, or after its unit, that make it an upper limit.
pub(super) const AT_MOST_AFTER: &[&str] = &[
    "max",
    "maximum",
    "at most",
    "at the most",
    "or fewer",
    "or less",
    "tops",
    "höchstens",
    "maximal",
    "au plus",
    "máximo",
];

/// Units that count the verb of the text: `call 3 times`.
pub(super) const TIMES: &[&str] = &[
    "time", "times", "x", "mal", "fois", "vez", "veces", "vezes", "volta", "volte", "keer", "maal", "gånger",
    "razy", "раз", "раза", "kez", "kere",
];

/// What a number counts that is a whole pass.
pub(super) const ATTEMPTS: &[&str] = &[
    "attempt",
    "attempts",
    "try",
    "tries",
    "iteration",
    "iterations",
    "pass",
    "passes",
    "round",
    "rounds",
    "cycle",
    "cycles",
    "loop",
    "loops",
    "turn",
    "turns",
    "repetition",
    "repetitions",
    "versuch",
    "versuche",
    "versuchen",
    "durchlauf",
    "durchläufe",
    "runden",
    "essai",
    "essais",
    "tentative",
    "tentatives",
    "intento",
    "intentos",
    "tentativo",
    "tentativi",
    "tentativa",
    "tentativas",
    "pogingen",
    "попытка",
    "попытки",
    "попыток",
];

/// Units that count passes after the first one.
pub(super) const RETRIES: &[&str] =
    &["retry", "retries", "reattempt", "reattempts", "reintento", "reintentos", "réessai", "réessais"];

/// Words between a number and its unit.
pub(super) const BETWEEN: &[&str] =
    &["consecutive", "total", "failed", "unsuccessful", "full", "whole", "complete", "successive", "de"];

/// Words between a number and its unit that leave out the first pass.
pub(super) const MORE: &[&str] = &["more", "additional", "further", "extra", "weitere", "weiteren"];

/// Verbs of repetition, with which a number leaves out the first pass.
pub(super) const RETRY: &[&str] = &[
    "retry",
    "retrying",
    "retried",
    "reattempt",
    "reattempting",
    "erneut",
    "réessayer",
    "réessaye",
    "réessayez",
    "reintentar",
    "reintenta",
    "reintente",
    "重试",
    "重試",
    "リトライ",
    "再試行",
    "재시도",
];

/// Verbs that a number can follow without a unit: `poll at most 3`.
pub(super) const REPEAT: &[&str] = &[
    "retry",
    "repeat",
    "try",
    "again",
    "loop",
    "iterate",
    "poll",
    "call",
    "ask",
    "remind",
    "ping",
    "redo",
    "rerun",
    "attempt",
    "reattempt",
    "resend",
    "wiederhole",
    "wiederholen",
    "répéter",
    "repetir",
    "重试",
    "重試",
    "重复",
    "リトライ",
    "再試行",
    "재시도",
];

/// Words that begin a phrase of their own.
pub(super) const CONNECTING: &[&str] = &["or", "and", "then", "but", "oder", "und", "ou", "et", "o", "y"];

/// Words that can follow a number that counts passes.
pub(super) const CONTINUING: &[&str] = &[
    "then",
    "and",
    "or",
    "but",
    "until",
    "till",
    "while",
    "before",
    "if",
    "when",
    "unless",
    "otherwise",
    "else",
    "with",
    "total",
    "only",
    "altogether",
    "overall",
    "per",
    "for",
    "und",
    "oder",
    "dann",
    "bis",
    "ou",
    "et",
];

/// Words of a condition: a number in it says when the loop ends or repeats.
pub(super) const CONDITION: &[&str] = &[
    "until", "till", "while", "if", "when", "whenever", "unless", "once", "after", "since", "bis", "nach",
    "wenn", "solange",
];

/// Words right before a number that keep it from counting passes.
pub(super) const NOT_BEFORE: &[&str] = &[
    "least",
    "than",
    "every",
    "each",
    "of",
    "first",
    "last",
    "about",
    "around",
    "roughly",
    "approximately",
    "approx",
    "not",
    "alle",
    "jede",
    "chaque",
    "cada",
    "ogni",
    "step",
    "no",
];

/// Words that a number belongs to wherever they stand in its phrase.
pub(super) const NOT_AMONG: &[&str] = &[
    "backoff",
    "factor",
    "multiplier",
    "delay",
    "interval",
    "timeout",
    "size",
    "chunk",
    "chunks",
    "batch",
    "batches",
    "price",
    "speed",
    "zoom",
    "scale",
];

/// Verbs with which `after 3 attempts` is a bound: `stop after 3 attempts`.
pub(super) const STOP: &[&str] = &[
    "stop", "stops", "end", "ends", "abort", "aborts", "quit", "fail", "fails", "up", "escalate", "cancel",
    "exit",
];

/// What a limit or a count is called: `retry limit: 3`.
pub(super) const COUNT: &[&str] = &["count", "limit", "max", "maximum", "number", "budget", "no"];

/// Periods: `3 times a day` is a rate.
pub(super) const PERIODS: &[&str] = &[
    "ms", "s", "sec", "second", "seconds", "min", "minute", "minutes", "h", "hr", "hour", "hours", "day",
    "days", "week", "weeks", "month", "months", "quarter", "year", "years", "daily", "hourly", "weekly",
    "monthly", "yearly", "annually", "tag", "stunde", "woche", "monat", "jahr", "jour", "heure", "semaine",
    "mois", "an", "día", "hora", "semana", "mes", "año", "giorno", "dag", "uur",
];

/// Words after `3 times` that make it a comparison, or a condition.
pub(super) const NOT_AFTER: &[&str] = &[
    "the",
    "as",
    "faster",
    "slower",
    "larger",
    "bigger",
    "smaller",
    "longer",
    "shorter",
    "higher",
    "lower",
    "greater",
    "more",
    "less",
    "left",
    "remain",
    "remains",
    "remaining",
    "are",
    "is",
    "were",
    "have",
    "has",
];
