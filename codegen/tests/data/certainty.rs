//! What F501 and F503 say, and where.

use crate::support::{analyzed, found};

/// The messages of findings about paths, with their paths.
fn paths(lines: &str, declaration: &str) -> Vec<String> {
    let findings = analyzed(lines, declaration).findings;
    let of_paths = findings.iter().filter(|finding| matches!(finding.rule.code, "F501" | "F503"));
    of_paths
        .map(|finding| {
            let ids = |path: &[flowgen_codegen::finding::PathNode]| {
                path.iter().map(|node| node.id.clone()).collect::<Vec<_>>().join(" ")
            };
            let other = ids(&finding.other_path);
            let other = if other.is_empty() { other } else { format!(" | {other}") };
            format!("{} [{}{other}]", finding.message, ids(&finding.path))
        })
        .collect()
}

/// A rollback, a loop and a message.
const SHOP: &str = "
    circle n1 Ordered
    rectangle n2 Pack item
    diamond n3 More items?
    rectangle n4 Charge card
    diamond n5 Charged?
    circle n6 Sold
    rectangle n7 Give up
    rectangle n8 Unpack item
    circle n9 Not sold
    rectangle n10 Write mail
    circle n11 Written
    n1 -> n2
    n2 -> n3
    n2 -> n8: compensated by
    n3 -> n2: Yes
    n3 -> n4: No
    n4 -> n5
    n4 -> n10: async: mail
    n5 -> n6: Yes
    n5 -> n7: No
    n7 -> n8
    n8 -> n9
    n10 -> n11
";

#[test]
fn the_shortest_path_that_misses_an_input_is_shown() {
    let table: [(&str, &[&str]); 12] = [
        ("pack_item -> item: u8; more_items(item, [item]); sold([item]);", &[]),
        (
            "pack_item -> item: u8; write_mail -> letter: u8; sold(item, letter);",
            &["`Sold` (n6) takes `letter`, which no path to it gives [n1 n2 n3 n4 n5 n6]"],
        ),
        (
            "pack_item(item) -> item: u8;",
            &["`Pack item` (n2) takes `item`, which a path to it does not give [n1 n2]"],
        ),
        ("pack_item(item?) -> item: u8; more_items([item]); unpack_item(item?, cause);", &[]),
        (
            "pack_item([item]) -> item: u8; unpack_item(item?);",
            &["`Unpack item` (n8) takes `item`, which `Pack item` (n2) does not take so []"],
        ),
        (
            "pack_item -> item: u8; give_up(item, cause);",
            &["`Give up` (n7) takes `item`, which a path to it does not give [n1 n2 n7]"],
        ),
        (
            "pack_item -> item: u8; charge_card -> charge: u8; give_up(item?, [item], charge?, cause); not_sold(item?);",
            &[],
        ),
        (
            "charge_card(cause);",
            &["`Charge card` (n4) takes `cause`, and a path to it does not roll back [n1 n2 n3 n4]"],
        ),
        (
            "pack_item -> item: u8; charge_card -> charge: u8; write_mail(item, charge); written(charge?);",
            &[],
        ),
        (
            "pack_item -> item: u8; write_mail(take item); sold(item);",
            &["`Write mail` (n10) takes `item`, which no path to it gives [n1 n2 n3 n4 n10]"],
        ),
        (
            "pack_item -> item: u8; charge_card(take item); sold(item?);",
            &["`Sold` (n6) takes `item`, which no path to it gives []"],
        ),
        (
            "charge_card -> Yes(charge: u8), No(reason: u8); sold(charge, reason?); not_sold(reason?);",
            &["`Sold` (n6) takes `reason`, which no path to it gives []"],
        ),
    ];
    for (declaration, expected) in table {
        assert_eq!(paths(SHOP, declaration), expected, "{declaration}");
    }
}

#[test]
fn two_branches_that_give_one_name_are_shown_with_both_paths() {
    let lines = "
        circle n1 Begun
        rectangle n2 Divide
        rectangle n3 Print
        rectangle n4 Scan
        rectangle n5 Bind
        circle n6 Bound
        n1 -> n2
        n2 -> n3
        n2 -> n4
        n3 -> n5
        n4 -> n5
        n5 -> n6
    ";
    let expected = "`Print` (n3) and `Scan` (n4) run at once and both give `page` [n2 n3 | n2 n4]";
    assert_eq!(paths(lines, "print -> page: u8; scan -> page: u8; bind(page);"), [expected]);
    let expected = "`Scan` (n4) and `Print` (n3) run at once, and one of them moves `page` [n2 n4 | n2 n3]";
    assert_eq!(paths(lines, "divide -> page: u8; print(page); scan(take page);"), [expected]);
    assert_eq!(
        found(lines, "divide -> page: u8; print(page); scan(page?) -> text: u8; bind(page, text);"),
        [""; 0]
    );
}
