//! Messages: runs of their own that their senders do not wait for.

use std::collections::{BTreeSet, VecDeque};

use super::interpreter::Interpreter;
use super::run::Run;
use super::state::{FaultAt, OutgoingMessage};
use super::walk::MOST_TIMES;
use crate::fault::Fault;
use crate::panicked::Panicked;
use crate::plan::NodeSpec;

/// A message before its first node.
pub(super) struct Message<Cx> {
    run: Run<Cx>,
    to: u32,
    /// The number of messages in its chain of senders since the last node with work.
    relays: usize,
}

/// A chain of more messages than this without a node with work counts as an endless cycle.
const MOST_RELAYS: usize = 100;

/// The id of a message is the id of its sender, followed by the edge. If it would exceed this number of bytes,
/// a hash replaces the sender's id, so that the ids of a chain of messages do not grow.
const LONGEST_ID: usize = 128;

impl<Cx> Interpreter<Cx> {
    /// Starts the messages that a run has sent, and those that these send immediately.
    pub(super) fn send(&self, run: &mut Run<Cx>, sent: Vec<Message<Cx>>) {
        // Fast path: most changes send no messages.
        if sent.is_empty() {
            return;
        }
        let mut waiting = VecDeque::from(sent);
        let most = run.messages.len() + self.plan().nodes.len().saturating_mul(MOST_TIMES);
        while let Some(Message { run: mut message, to, relays }) = waiting.pop_front() {
            let in_circle = relays > MOST_RELAYS || run.messages.len() > most;
            let further = self.enter_start(&mut message, to, in_circle);
            waiting.extend(further.into_iter().map(|message| Message { relays: relays + 1, ..message }));
            run.messages.push(message);
        }
    }

    /// Creates the message that a node sends along one of its edges. `None` if the sender has no context, or
    /// the copy fails.
    pub(super) fn message(&self, run: &mut Run<Cx>, sent: &OutgoingMessage) -> Option<Message<Cx>> {
        let mut context = match self.copy(run, sent.branch) {
            Ok(context) => context?,
            Err(panicked) => {
                let fault = Fault::from(panicked);
                run.state.faults.push(FaultAt { node: sent.from, visit: sent.visit, fault });
                return None;
            }
        };
        let from = self.plan().node(sent.from)?;
        let to = *from.sends.get(sent.arrow)?;
        let arrow = arrow(from, sent, self.plan().node(to)?.id);
        let id = message_id(&run.id, run.state.detached, &arrow);
        let mut env = sent.env.clone();
        if !self.plan().names.is_empty() {
            let taken = self.taken_from(to);
            env.retain(|name| taken.contains(&name));
            let mut needed = BTreeSet::new();
            env.each_id(&mut |id| {
                needed.insert(id);
            });
            (self.retain)(&mut context, &|id| needed.contains(&id));
        }
        let mut message = self.run(id.into(), context, true);
        message.state.inherit(env, run.state.next_value);
        Some(Message { run: message, to, relays: 0 })
    }

    /// The names that a message to this node may take, and the messages that it sends.
    fn taken_from(&self, to: u32) -> BTreeSet<u32> {
        let mut names = BTreeSet::new();
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![to]);
        while let Some(node) = waiting.pop() {
            let Some(spec) = self.plan().node(node).filter(|_| seen.insert(node)) else { continue };
            names.extend(spec.takes.iter().filter_map(|take| take.name()));
            waiting.extend(spec.next.iter().chain(spec.sends));
        }
        names
    }

    /// Copies the context of a branch with [`Flow::fork`](crate::Flow::fork).
    pub(super) fn copy(&self, run: &Run<Cx>, branch: u32) -> Result<Option<Cx>, Panicked> {
        let Some(context) = run.context_at(branch) else { return Ok(None) };
        Panicked::catch(|| (self.fork)(context)).map_err(|panicked| panicked.in_code("Fork::fork"))
    }
}

/// The name of a message's edge, unique among the messages of its sender: `n13/1/n15`.
fn arrow(from: &NodeSpec, sent: &OutgoingMessage, to: &str) -> String {
    let target = from.sends.get(sent.arrow);
    let same = from.sends.iter().take(sent.arrow).filter(|other| Some(*other) == target).count();
    match same {
        0 => format!("{}/{}/{to}", from.id, sent.visit),
        same => format!("{}/{}/{to}.{}", from.id, sent.visit, same + 1),
    }
}

/// The id of a message. It depends only on the sender and the edge, so it is the same after a restart and on
/// every machine.
fn message_id(sender: &str, sender_is_message: bool, arrow: &str) -> String {
    if sender_is_message && sender.len() + 1 + arrow.len() > LONGEST_ID {
        return format!("{}/~{:032x}/{arrow}", ancestor(sender), hash(sender));
    }
    format!("{sender}/{arrow}")
}

/// An ancestor of a message: the sender of the first message with a hashed id in its chain. All later messages
/// of the chain have the same ancestor.
fn ancestor(message: &str) -> &str {
    let sender = message.rsplitn(4, '/').nth(3).unwrap_or(message);
    match sender.rsplit_once('/') {
        Some((ancestor, hash)) if is_hash(hash) => ancestor,
        _ => sender,
    }
}

/// Whether a part of an id is a hash. Node ids never begin with `~`.
fn is_hash(part: &str) -> bool {
    part.strip_prefix('~').is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// FNV-1a with 128 bits (Fowler, Noll, Vo). Ids are saved and are part of idempotency keys, so the algorithm
/// must never change.
fn hash(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_hash_is_that_of_its_specification() {
        assert_eq!(hash(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(hash("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(hash("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn short_ids_say_the_whole_way() {
        let first = message_id("order-42", false, "n2/1/n3");
        assert_eq!(first, "order-42/n2/1/n3");
        assert_eq!(message_id(&first, true, "n3/1/n3.2"), "order-42/n2/1/n3/n3/1/n3.2");
    }

    #[test]
    fn the_ids_of_a_chain_are_bounded_and_differ() {
        for root in ["r", "a/run/of/mine", &"long".repeat(100)] {
            let mut id = message_id(root, false, "n2/1/n3");
            let mut ids = HashSet::from([id.clone()]);
            for _ in 0..10_000 {
                id = message_id(&id, true, "n3/1/n3");
                assert!(id.starts_with(root) && id.ends_with("/n3/1/n3"), "{id}");
                assert!(id.len() <= root.len().max(LONGEST_ID) + 42, "{id}");
                assert!(ids.insert(id.clone()), "{id}");
            }
        }
    }

    #[test]
    fn messages_of_one_sender_differ() {
        let sender = message_id(&"r".repeat(200), false, "n2/1/n3");
        let arrows = ["n3/1/n3", "n3/1/n3.2", "n3/2/n3", "n3/11/n3", "n4/1/n3"];
        let ids: HashSet<String> = arrows.iter().map(|arrow| message_id(&sender, true, arrow)).collect();
        assert_eq!(ids.len(), arrows.len());
    }

    /// Saved runs contain these ids.
    #[test]
    fn ids_never_change() {
        let sender = format!("order-42{}", "/n3/1/n3".repeat(15));
        let id = message_id(&sender, true, "n3/1/n3");
        let ancestor = format!("order-42{}", "/n3/1/n3".repeat(14));
        assert_eq!(id, format!("{ancestor}/~{:032x}/n3/1/n3", hash(&sender)));
        let further = message_id(&id, true, "n3/1/n3");
        assert_eq!(further, format!("{ancestor}/~{:032x}/n3/1/n3", hash(&id)));
    }
}
