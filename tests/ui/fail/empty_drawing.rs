mod shop {
    flowgen::flow! {}
}

fn main() {}
