//! Who gets what, when, and how often.

use super::*;

fn delivery() -> Delivery {
    Delivery::new(Timing::default(), Arc::new(Notify::new()))
}

fn received(orders: &mut mpsc::Receiver<Order>) -> Vec<(u32, String)> {
    let mut received = Vec::new();
    while let Ok(order) = orders.try_recv() {
        if let Order::Deliver(parcel) = order {
            received.push((parcel.retry, parcel.envelope_id));
        }
    }
    received
}

#[test]
fn an_event_is_sent_again_at_once_after_a_minute_and_after_five() {
    let mut delivery = delivery();
    let (sender, mut orders) = mpsc::channel(8);
    delivery.connect(sender).unwrap();
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    delivery.send_event("Ev1".into(), Value::Null, start);
    let mut sent = Vec::new();
    for seconds in 0..400 {
        let attempts = received(&mut orders);
        sent.extend(attempts.into_iter().map(|(retry, _)| (seconds, retry)));
        delivery.pump(at(seconds + 1));
    }
    // Three seconds of silence precede each wait.
    assert_eq!(sent, [(0, 0), (3, 1), (66, 2), (369, 3)]);
    assert_eq!(delivery.records()[0].state, "given_up");
    assert_eq!(delivery.pump(at(1_000)), None);
}

#[test]
fn the_worker_is_told_when_to_look_again() {
    let mut delivery = delivery();
    let (sender, mut orders) = mpsc::channel(8);
    let now = Instant::now();
    delivery.send_event("Ev1".into(), Value::Null, now);
    assert_eq!(delivery.pump(now), None, "only a connection helps");
    delivery.connect(sender).unwrap();
    assert_eq!(delivery.pump(now), Some(now + Duration::from_secs(3)));
    let (_, envelope_id) = received(&mut orders).remove(0);
    assert!(delivery.acknowledge(&envelope_id, Value::Null));
    assert_eq!(delivery.pump(now), None);
    assert!(!delivery.acknowledge("another", Value::Null));
}

#[test]
fn a_full_connection_is_passed_over() {
    let mut delivery = delivery();
    let (full, _kept) = mpsc::channel(1);
    full.try_send(Order::Cut).unwrap();
    let (free, mut orders) = mpsc::channel(8);
    delivery.connect(full).unwrap();
    let now = Instant::now();
    delivery.send_event("Ev1".into(), Value::Null, now);
    assert_eq!(delivery.pump(now), Some(now + CROWDED));
    delivery.connect(free).unwrap();
    delivery.pump(now + CROWDED);
    assert_eq!(received(&mut orders).len(), 1);
}

#[test]
fn an_interaction_is_sent_once_and_not_too_late() {
    let mut delivery = delivery();
    let now = Instant::now();
    let mut unsent = delivery.send_interaction("In1".into(), Value::Null, now);
    let late = now + Duration::from_secs(3);
    assert_eq!(delivery.pump(now), Some(late));
    delivery.pump(late);
    assert!(unsent.try_recv().is_err());
    let (sender, mut orders) = mpsc::channel(8);
    delivery.connect(sender).unwrap();
    delivery.pump(late);
    assert!(received(&mut orders).is_empty());
    let mut answered = delivery.send_interaction("In2".into(), Value::Null, late);
    let (_, envelope_id) = received(&mut orders).remove(0);
    delivery.acknowledge(&envelope_id, Value::Bool(true));
    assert_eq!(answered.try_recv(), Ok(Value::Bool(true)));
}

#[test]
fn the_oldest_are_forgotten_when_there_are_too_many() {
    let mut delivery = delivery();
    let now = Instant::now();
    for number in 0..=REMEMBERED {
        delivery.send_event(format!("Ev{number}"), Value::Null, now);
    }
    let records = delivery.records();
    assert_eq!(records.len(), REMEMBERED);
    assert_eq!(records[0].event_id, "Ev1");
}

/// The addresses to which something is to be sent now, with its attempt.
fn posted(delivery: &mut Delivery) -> Vec<(String, u32, &'static str)> {
    let outgoing = delivery.take_outgoing().into_iter();
    outgoing
        .map(|it| (it.url, it.parcel.retry, it.parcel.reason))
        .collect()
}

#[test]
fn over_http_a_failure_is_followed_by_the_next_attempt_at_the_next_address() {
    let mut delivery = delivery();
    delivery.set_urls(Some(RequestUrls {
        events: vec!["a".to_owned(), "b".to_owned()],
        interactivity: Vec::new(),
    }));
    let now = Instant::now();
    delivery.send_event("Ev1".into(), Value::Null, now);
    let first = delivery.take_outgoing().remove(0);
    let failure = Failure {
        reason: "http_error",
        no_retry: false,
    };
    delivery.failed(&first.parcel.envelope_id, failure, now);
    assert_eq!(posted(&mut delivery), [("b".to_owned(), 1, "http_error")]);
    // The first attempt decides nothing any more.
    delivery.failed(&first.parcel.envelope_id, failure, now);
    assert_eq!(posted(&mut delivery), []);
    // Silence is a failure too, and after the second one there is a wait.
    let late = now + Duration::from_secs(3);
    assert_eq!(delivery.pump(late), Some(late + Duration::from_secs(60)));
    assert_eq!(delivery.records()[0].last_failure, Some("http_timeout"));
    assert_eq!(delivery.records()[0].ways, ["a", "b"]);
    // An interaction has no address here, and its person no answer.
    let mut unsent = delivery.send_interaction("In1".into(), Value::Null, now);
    assert_eq!(posted(&mut delivery), []);
    delivery.pump(late);
    assert!(unsent.try_recv().is_err());
}

#[test]
fn connections_are_sent_away_while_there_are_addresses() {
    let mut delivery = delivery();
    let (sender, mut orders) = mpsc::channel(8);
    delivery.connect(sender.clone()).unwrap();
    delivery.set_urls(Some(RequestUrls::default()));
    let told = orders.try_recv();
    assert!(matches!(told, Ok(Order::Disconnect { reason, .. }) if reason == "link_disabled"));
    assert_eq!(delivery.connect(sender.clone()), Err("link_disabled"));
    delivery.set_urls(None);
    for _ in 1..10 {
        delivery.connect(sender.clone()).unwrap();
    }
    assert_eq!(delivery.connect(sender), Err("too_many_websockets"));
}
