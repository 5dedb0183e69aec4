//! Renders of a node: a frame, or many on several threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};

use super::{Node, create_instance, destroy_instance, instance_of};
use crate::description::ThreadSafety;
use crate::error::{Error, Result};
use crate::geometry::RectD;
use crate::job::{RangeJob, RenderJob};
use crate::object::EffectObject;
use crate::picture::Picture;
use crate::planes;
use crate::preferences::{self, Preferences};
use crate::regions;
use crate::render::{self, Sequence};
use crate::shared::lock;

impl Node {
    /// Renders a frame. May be called from several threads; the plug-in is spared what it says it cannot take.
    pub fn render(&self, job: &RenderJob) -> Result<Picture> {
        check(job)?;
        if self.lives_per_frame() {
            return self.render_once(job);
        }
        render::check_inputs(&self.object)?;
        let _turn = self.turn();
        let preferences = self.settled()?;
        let sequence = Sequence::of(job);
        sequence.begin(&self.object)?;
        let picture = render::frame(&self.object, &preferences, job, &sequence);
        let ended = sequence.end(&self.object);
        let picture = picture?;
        ended?;
        Ok(picture)
    }

    /// Waits until the plug-in may render.
    fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.effect.info().thread_safety {
            ThreadSafety::FullySafe => None,
            ThreadSafety::InstanceSafe => Some(lock(&self.renders)),
            ThreadSafety::Unsafe => Some(lock(&self.object.plugin.renders)),
        }
    }

    fn settled(&self) -> Result<Preferences> {
        let mut known = lock(&self.preferences);
        match *known {
            Some(p) => Ok(p),
            None => Ok(*known.insert(preferences::settle(&self.object)?)),
        }
    }

    /// From setHost to DestroyInstance, for one frame.
    fn render_once(&self, job: &RenderJob) -> Result<Picture> {
        self.for_a_moment(job.time, |object| render::alone(object, job))
    }

    /// An instance that is described, created, given inputs and the values of a time, asked, and destroyed.
    fn for_a_moment<T>(&self, time: f64, ask: impl FnOnce(&Arc<EffectObject>) -> Result<T>) -> Result<T> {
        let description = self.effect.0.describe_again(self.context)?;
        let object = instance_of(&description, self.context, &self.project());
        create_instance(&object)?;
        self.equip(&object, Some(time));
        let answer = ask(&object);
        destroy_instance(&object);
        answer
    }

    /// Gives another instance the same inputs and params; with a time, the values at that time alone.
    fn equip(&self, object: &Arc<EffectObject>, time: Option<f64>) {
        lock(&object.place).time = time.unwrap_or_else(|| self.time());
        *lock(&object.cancel) = self.cancel.clone();
        for (own, theirs) in self.object.params.all().iter().zip(object.params.all()) {
            *lock(&theirs.curves) = lock(&own.curves).clone();
            let track = lock(&own.track).clone();
            match time {
                Some(time) if own.kind.has_value() => theirs.store(None, track.at(time)),
                _ => *lock(&theirs.track) = track,
            }
            theirs.update_animating();
        }
        let project = self.project();
        for (own, theirs) in self.object.clips().iter().zip(object.clips()) {
            theirs.connect(own.input().source);
            theirs.update(&object.shared, project.frame_rate, project.range);
        }
    }

    /// Region that the output covers at a time, canonical.
    pub fn region_of_definition(&self, time: f64) -> Result<RectD> {
        self.with_instance(time, |object| {
            preferences::settle(object)?;
            regions::definition(object, time, (1.0, 1.0))
        })
    }

    /// OpenFX names of the planes that the output has at a time; an effect that knows no planes makes the colour.
    pub fn planes(&self, time: f64) -> Result<Vec<String>> {
        let planes = self.with_instance(time, |object| {
            preferences::settle(object)?;
            planes::output(object, time)
        })?;
        Ok(planes.iter().map(|p| p.to_string_lossy().into_owned()).collect())
    }

    /// First and last frame that the effect has something to give on.
    pub fn time_domain(&self) -> Result<(f64, f64)> {
        self.with_instance(self.time(), regions::time_domain)
    }

    fn with_instance<T>(&self, time: f64, ask: impl FnOnce(&Arc<EffectObject>) -> Result<T>) -> Result<T> {
        if !self.lives_per_frame() {
            let _turn = self.turn();
            return ask(&self.object);
        }
        self.for_a_moment(time, ask)
    }

    /// Renders frames and gives them to `on_frame` in order, on the caller's thread, until it answers false (which is
    /// [`Error::Cancelled`]). An effect that is safe per instance gets an instance a thread; one that is unsafe, or
    /// wants its frames in order, one thread.
    pub fn render_range(
        &self,
        job: &RangeJob,
        on_frame: &mut (dyn FnMut(f64, Picture) -> bool + Send),
    ) -> Result<()> {
        check(&job.frame)?;
        let times = job.times();
        let info = self.effect.info();
        let single = info.thread_safety == ThreadSafety::Unsafe || info.sequential || self.lives_per_frame();
        let threads = if single { 1 } else { job.threads.clamp(1, times.len().max(1)) };
        let sequence = Sequence {
            first: job.first,
            last: job.last,
            step: job.step,
            scale: job.frame.scale,
            sequential: threads == 1,
            interactive: job.frame.interactive,
        };
        let frame = |time: f64| RenderJob { time, ..job.frame.clone() };
        if self.lives_per_frame() {
            return self.in_order(&times, |time| self.render_once(&frame(time)), on_frame);
        }
        render::check_inputs(&self.object)?;
        let _turn = self.turn();
        let preferences = self.settled()?;
        sequence.begin(&self.object)?;
        let done = if threads == 1 {
            let render = |time| render::frame(&self.object, &preferences, &frame(time), &sequence);
            self.in_order(&times, render, on_frame)
        } else {
            self.side_by_side(&times, threads, &preferences, &sequence, &frame, on_frame)
        };
        let ended = sequence.end(&self.object);
        done?;
        ended
    }

    fn in_order(
        &self,
        times: &[f64],
        render: impl Fn(f64) -> Result<Picture>,
        on_frame: &mut (dyn FnMut(f64, Picture) -> bool + Send),
    ) -> Result<()> {
        for time in times {
            let go_on = !self.cancel.is_cancelled() && on_frame(*time, render(*time)?);
            if !go_on {
                return Err(Error::Cancelled);
            }
        }
        Ok(())
    }

    fn side_by_side(
        &self,
        times: &[f64],
        threads: usize,
        preferences: &Preferences,
        sequence: &Sequence,
        frame: &(dyn Fn(f64) -> RenderJob + Sync),
        on_frame: &mut (dyn FnMut(f64, Picture) -> bool + Send),
    ) -> Result<()> {
        let queue = Queue::new(times.len(), threads * 2);
        let (give, take) = mpsc::channel();
        std::thread::scope(|scope| {
            for n in 0..threads {
                let (give, queue) = (give.clone(), &queue);
                scope.spawn(move || {
                    let work = |object: &Arc<EffectObject>, preferences: &Preferences| {
                        while let Some(i) = queue.next() {
                            let rendered = render::frame(object, preferences, &frame(times[i]), sequence);
                            let failed = rendered.is_err();
                            if give.send((i, rendered)).is_err() || failed {
                                break;
                            }
                        }
                    };
                    let own = n == 0 || self.effect.info().thread_safety == ThreadSafety::FullySafe;
                    let made = if own {
                        work(&self.object, preferences);
                        Ok(())
                    } else {
                        self.with_twin(sequence, work)
                    };
                    if let Err(e) = made {
                        let _ = give.send((0, Err(e)));
                    }
                });
            }
            drop(give);
            let mut waiting = BTreeMap::new();
            let mut next = 0;
            let mut result = Ok(());
            for (i, rendered) in take {
                match rendered {
                    Ok(picture) => waiting.insert(i, picture),
                    Err(e) => {
                        result = result.and(Err(e));
                        queue.stop();
                        continue;
                    }
                };
                while let Some(picture) = waiting.remove(&next) {
                    if result.is_ok() && (self.cancel.is_cancelled() || !on_frame(times[next], picture)) {
                        result = Err(Error::Cancelled);
                        queue.stop();
                    }
                    next += 1;
                    queue.delivered(next);
                }
            }
            result
        })
    }

    /// An instance for another thread, with its own sequence.
    fn with_twin(
        &self,
        sequence: &Sequence,
        work: impl FnOnce(&Arc<EffectObject>, &Preferences),
    ) -> Result<()> {
        let object = instance_of(&self.effect.0.context(self.context)?, self.context, &self.project());
        self.equip(&object, None);
        create_instance(&object)?;
        let done = preferences::settle(&object).and_then(|preferences| {
            sequence.begin(&object)?;
            work(&object, &preferences);
            sequence.end(&object)
        });
        destroy_instance(&object);
        done
    }
}

/// Frames still to be rendered, not too far ahead of those delivered.
struct Queue {
    next: AtomicUsize,
    number: usize,
    ahead: usize,
    stopped: AtomicBool,
    delivered: Mutex<usize>,
    moved: Condvar,
}

impl Queue {
    fn new(number: usize, ahead: usize) -> Queue {
        Queue {
            next: AtomicUsize::new(0),
            number,
            ahead,
            stopped: AtomicBool::new(false),
            delivered: Mutex::new(0),
            moved: Condvar::new(),
        }
    }

    fn next(&self) -> Option<usize> {
        let i = self.next.fetch_add(1, Ordering::SeqCst);
        if i >= self.number {
            return None;
        }
        let mut delivered = lock(&self.delivered);
        while i >= *delivered + self.ahead && !self.stopped.load(Ordering::SeqCst) {
            delivered = self.moved.wait(delivered).unwrap_or_else(PoisonError::into_inner);
        }
        (!self.stopped.load(Ordering::SeqCst)).then_some(i)
    }

    fn delivered(&self, number: usize) {
        *lock(&self.delivered) = number;
        self.moved.notify_all();
    }

    fn stop(&self) {
        let _held = lock(&self.delivered);
        self.stopped.store(true, Ordering::SeqCst);
        self.moved.notify_all();
    }
}

fn check(job: &RenderJob) -> Result<()> {
    let good = |s: f64| s.is_finite() && s > 0.0;
    if good(job.scale.0) && good(job.scale.1) && job.time.is_finite() {
        return Ok(());
    }
    Err(Error::Value {
        param: "a render".into(),
        value: format!("time {}, scale {} {}", job.time, job.scale.0, job.scale.1),
        expected: "the time is a number and the scales are above zero".into(),
    })
}
