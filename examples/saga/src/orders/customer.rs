//! Customers, and the orders that they may see.

use std::fmt::Write as _;

/// A customer. The ids of a customer's orders begin with the customer's name, so equal keys of two customers do
/// not collide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer(String);

/// The reader of orders, who may see one customer's orders or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Sees the orders of one customer.
    Customer(Customer),
    /// Sees all orders.
    Operator,
}

impl Customer {
    /// The customer with this subject, for example of a token. The default is a customer without a name.
    #[must_use]
    pub fn named(subject: &[u8]) -> Self {
        let mut name = String::with_capacity(subject.len());
        for &byte in subject {
            if is_plain(byte) {
                name.push(char::from(byte));
            } else {
                // Writing to a string can't fail.
                let _ = write!(name, "_{byte:02x}");
            }
        }
        Self(name)
    }

    /// The order id for an idempotency key of this customer. A key has no dots.
    pub(super) fn order(&self, key: &str) -> String {
        if self.0.is_empty() { key.to_owned() } else { format!("{}.{key}", self.0) }
    }

    fn owns(&self, order: &str) -> bool {
        order.split_once('.').map_or("", |(customer, _)| customer) == self.0
    }
}

impl Reader {
    pub(super) fn may_see(&self, order: &str) -> bool {
        match self {
            Self::Customer(customer) => customer.owns(order),
            Self::Operator => true,
        }
    }
}

/// Whether the byte is written unchanged in a customer's name, a URL and an idempotency key.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::Customer;

    #[test]
    fn two_customers_have_no_order_in_common() {
        let subjects: [&[u8]; 7] = [b"", b"ada", b"a.da", b"a_2eda", b"ada.", b"ada|7", b"\xff"];
        for subject in subjects {
            for other in subjects {
                let order = Customer::named(subject).order("order-1");
                assert_eq!(Customer::named(other).owns(&order), subject == other, "{order}");
            }
        }
        assert_eq!(Customer::named(b"auth0|ada").order("order-1"), "auth0_7cada.order-1");
        assert_eq!(Customer::default().order("order-1"), "order-1");
    }
}
