// The same in Rust, whose names are mangled in two ways.
use std::collections::HashMap;

#[inline(always)]
fn square(x: u64) -> u64 {
    x.wrapping_mul(x)
}

struct Counter<T> {
    items: HashMap<T, u64>,
}

impl<T: std::hash::Hash + Eq + Clone> Counter<T> {
    #[inline(never)]
    fn add(&mut self, item: &T) {
        *self.items.entry(item.clone()).or_insert(0) += square(3);
    }
}

fn main() {
    let mut counter = Counter { items: HashMap::new() };
    for word in std::env::args() {
        counter.add(&word);
    }
    let counts: Vec<u64> = counter.items.values().cloned().collect();
    println!("{}", counts.iter().map(|x| square(*x)).sum::<u64>());
}
