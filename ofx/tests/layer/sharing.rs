//! Threads and memory, the host's or our own.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ofx::{Error, Instance, RenderArgs, Result};
use ofx_sys as sys;

use crate::fake::{FakeHost, effect};

effect!(Shares {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        let done: Vec<AtomicUsize> = (0..100).map(|_| AtomicUsize::new(0)).collect();
        let threads = Mutex::new(HashSet::new());
        i.parallel(done.len(), |n| {
            done[n].fetch_add(1, Ordering::SeqCst);
            threads.lock().unwrap().insert(std::thread::current().id());
            // OpenFX forbids multiThread inside multiThread; the layer stays on this thread.
            i.parallel(2, |_| Ok(()))
        })?;
        assert!(done.iter().all(|d| d.load(Ordering::SeqCst) == 1));
        assert!(threads.lock().unwrap().len() <= i.threads() + 1);
        i.parallel(0, |_| panic!("nothing to do"))?;

        let ran = AtomicUsize::new(0);
        let stopped = i.parallel(1000, |_| {
            ran.fetch_add(1, Ordering::SeqCst);
            Err(Error::failed("enough"))
        });
        assert_eq!(stopped, Err(Error::failed("enough")));
        assert!(ran.load(Ordering::SeqCst) < 1000);

        let mut buffer = i.buffer(1000)?;
        assert!(buffer.iter().all(|&v| v == 0.0));
        buffer[999] = 1.0;
        assert!(i.buffer(0)?.is_empty());
        assert!(i.buffer(usize::MAX).is_err());

        if args.window.x1 == 1 {
            i.parallel(10, |n| if n == 3 { panic!("piece {n}") } else { Ok(()) })?;
        }
        i.check_abort()
    }
});

#[test]
fn with_and_without_the_hosts_threads_and_memory() {
    for missing in [&[][..], &["OfxMultiThreadSuite1", "OfxMemorySuite1"]] {
        let mut host = FakeHost::with("test", (1, 4), missing);
        let (plugin, effect) = host.instance::<Shares>();
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
        assert_eq!(plugin.render(effect, [1, 0, 2, 1]), sys::kOfxStatFailed);
        let messages = host.record.messages.lock().unwrap().clone();
        assert_eq!(messages.len(), 1);
        assert!(messages[0].1.contains("piece 3") && messages[0].1.contains("sharing.rs"), "{messages:?}");
        effect.abort.store(true, Ordering::SeqCst);
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    }
}
