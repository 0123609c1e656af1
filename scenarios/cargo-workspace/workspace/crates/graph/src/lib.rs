//! Directed graphs with weights: order, shortest paths, components.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Add;

use bits::BitSet;

/// A graph whose nodes are known by a name of type `N`, with edges of weight `W`.
#[derive(Clone, Debug)]
pub struct Graph<N, W> {
    names: Vec<N>,
    numbers: BTreeMap<N, usize>,
    edges: Vec<Vec<(usize, W)>>,
}

impl<N: Clone + Ord, W: Clone> Default for Graph<N, W> {
    fn default() -> Self {
        Self { names: Vec::new(), numbers: BTreeMap::new(), edges: Vec::new() }
    }
}

impl<N: Clone + Ord, W: Clone> Graph<N, W> {
    /// Adds a node, or finds it.
    pub fn node(&mut self, name: &N) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len();
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        self.edges.push(Vec::new());
        number
    }

    /// Adds an edge, and its nodes where they are missing.
    pub fn edge(&mut self, from: &N, to: &N, weight: W) {
        let (from, to) = (self.node(from), self.node(to));
        self.edges[from].push((to, weight));
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Nodes so that every edge points forward; the smallest name first where there is a choice. The error is a
    /// node on a cycle.
    pub fn order(&self) -> Result<Vec<N>, N> {
        let mut incoming = vec![0_usize; self.len()];
        self.edges.iter().flatten().for_each(|(to, _)| incoming[*to] += 1);
        let mut ready: BinaryHeap<Reverse<(&N, usize)>> = (0..self.len())
            .filter(|&node| incoming[node] == 0)
            .map(|node| Reverse((&self.names[node], node)))
            .collect();
        let mut order = Vec::new();
        while let Some(Reverse((name, node))) = ready.pop() {
            order.push(name.clone());
            for (to, _) in &self.edges[node] {
                incoming[*to] -= 1;
                if incoming[*to] == 0 {
                    ready.push(Reverse((&self.names[*to], *to)));
                }
            }
        }
        match incoming.iter().position(|&count| count > 0) {
            Some(node) => Err(self.names[node].clone()),
            None => Ok(order),
        }
    }

    /// Everything that can be reached.
    pub fn reachable(&self, from: &N) -> Vec<N> {
        let mut seen = BitSet::default();
        let mut open: Vec<usize> = self.numbers.get(from).copied().into_iter().collect();
        while let Some(node) = open.pop() {
            if seen.insert(node) {
                open.extend(self.edges[node].iter().map(|(to, _)| *to));
            }
        }
        seen.iter().map(|node| self.names[node].clone()).collect()
    }

    /// Strongly connected components (Kosaraju), each sorted, all sorted.
    pub fn components(&self) -> Vec<Vec<N>> {
        let mut reversed = vec![Vec::new(); self.len()];
        for (from, edges) in self.edges.iter().enumerate() {
            edges.iter().for_each(|(to, _)| reversed[*to].push(from));
        }
        let forward: Vec<Vec<usize>> =
            self.edges.iter().map(|edges| edges.iter().map(|(to, _)| *to).collect()).collect();
        let mut seen = BitSet::default();
        let mut finished = Vec::new();
        for node in 0..self.len() {
            visit(&forward, node, &mut seen, &mut finished);
        }
        seen = BitSet::default();
        let mut components = Vec::new();
        for &node in finished.iter().rev() {
            let mut members = Vec::new();
            visit(&reversed, node, &mut seen, &mut members);
            if !members.is_empty() {
                let mut names: Vec<N> =
                    members.into_iter().map(|member| self.names[member].clone()).collect();
                names.sort();
                components.push(names);
            }
        }
        components.sort();
        components
    }
}

impl<N: Clone + Ord, W: Clone + Ord + Default + Add<Output = W>> Graph<N, W> {
    /// Dijkstra: the least sum of weights to every node that can be reached.
    pub fn distances(&self, from: &N) -> BTreeMap<N, W> {
        let mut known = BTreeMap::new();
        let mut open = BinaryHeap::new();
        if let Some(&start) = self.numbers.get(from) {
            open.push(Reverse((W::default(), start)));
        }
        while let Some(Reverse((distance, node))) = open.pop() {
            if known.contains_key(&self.names[node]) {
                continue;
            }
            for (to, weight) in &self.edges[node] {
                open.push(Reverse((distance.clone() + weight.clone(), *to)));
            }
            known.insert(self.names[node].clone(), distance);
        }
        known
    }
}

/// Depth first without recursion; nodes in the order in which they are left.
fn visit(edges: &[Vec<usize>], start: usize, seen: &mut BitSet, left: &mut Vec<usize>) {
    if !seen.insert(start) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.pop() {
        if let Some(&to) = edges[node].get(next) {
            stack.push((node, next + 1));
            if seen.insert(to) {
                stack.push((to, 0));
            }
        } else {
            left.push(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph<W: Clone>(edges: &[(&'static str, &'static str, W)]) -> Graph<&'static str, W> {
        let mut graph = Graph::default();
        for (from, to, weight) in edges {
            graph.edge(from, to, weight.clone());
        }
        graph
    }

    #[test]
    fn every_edge_points_forward() {
        let dag = graph(&[("a", "c", ()), ("b", "c", ()), ("c", "d", ()), ("a", "d", ())]);
        assert_eq!(dag.order(), Ok(vec!["a", "b", "c", "d"]));
    }

    #[test]
    fn a_cycle_has_no_order() {
        assert_eq!(graph(&[("a", "b", ()), ("b", "c", ()), ("c", "b", ())]).order(), Err("b"));
    }

    #[test]
    fn the_shortest_path_is_not_the_one_with_fewest_edges() {
        let map = graph(&[("a", "d", 10_u32), ("a", "b", 2), ("b", "c", 3), ("c", "d", 4)]);
        assert_eq!(map.distances(&"a")["d"], 9);
    }

    #[test]
    fn components_are_found() {
        let map =
            graph(&[("a", "b", 1_u64), ("b", "a", 1), ("b", "c", 1), ("c", "d", 1), ("d", "c", 1)]);
        assert_eq!(map.components(), [vec!["a", "b"], vec!["c", "d"]]);
        assert_eq!(map.reachable(&"c"), ["c", "d"]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let mut chain: Graph<u32, u32> = Graph::default();
        (0..50_000).for_each(|node| chain.edge(&node, &(node + 1), 1));
        assert_eq!(chain.components().len(), 50_001);
        assert_eq!(chain.distances(&0)[&50_000], 50_000);
    }
}
