mod shop {
    flowgen::flow!("flow/no_such_file.fz");
}

fn main() {}
