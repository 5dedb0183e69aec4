//! From the head to the picture.

use nalgebra::{Matrix2x3, Point2, Rotation3, SMatrix, Vector2, Vector3};

/// Parameters of a [`Pose`] that a fit changes: turn (3), logarithm of the scale, shift (2).
pub(super) const FREEDOM: usize = 6;

/// Where the head is: turned, scaled, shifted, and seen with some perspective. The head's own space has x to the
/// right and y down as the picture, z towards the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    pub turn: Rotation3<f64>,
    pub log_scale: f64,
    /// Where the head's origin is in the picture, px.
    pub shift: Vector2<f64>,
    /// One over the distance of the camera, in units of the head: 0 is a camera far away.
    pub perspective: f64,
}

impl Pose {
    /// Where a place of the head is seen, px.
    pub fn project(&self, place: &Vector3<f64>) -> Point2<f64> {
        let p = self.turn * place;
        let scale = self.log_scale.exp() * self.nearness(p.z);
        Point2::from(self.shift + scale * p.xy())
    }

    fn nearness(&self, z: f64) -> f64 {
        1.0 / (1.0 - self.perspective * z).max(0.2)
    }

    /// How the seen place changes with the place of the head.
    pub fn by_place(&self, place: &Vector3<f64>) -> Matrix2x3<f64> {
        let p = self.turn * place;
        self.by_turned(&p) * self.turn.matrix()
    }

    fn by_turned(&self, p: &Vector3<f64>) -> Matrix2x3<f64> {
        let near = self.nearness(p.z);
        let scale = self.log_scale.exp() * near;
        let along = scale * near * self.perspective;
        Matrix2x3::new(scale, 0.0, along * p.x, 0.0, scale, along * p.y)
    }

    /// How the seen place changes with the pose, for [`Pose::moved`].
    pub fn by_pose(&self, place: &Vector3<f64>) -> SMatrix<f64, 2, FREEDOM> {
        let p = self.turn * place;
        let turned = self.by_turned(&p) * -p.cross_matrix();
        let seen = self.log_scale.exp() * self.nearness(p.z) * p.xy();
        let mut jacobian = SMatrix::<f64, 2, FREEDOM>::zeros();
        jacobian.fixed_view_mut::<2, 3>(0, 0).copy_from(&turned);
        jacobian.fixed_view_mut::<2, 1>(0, 3).copy_from(&seen);
        jacobian[(0, 4)] = 1.0;
        jacobian[(1, 5)] = 1.0;
        jacobian
    }

    /// How the seen place changes with the perspective.
    pub fn by_perspective(&self, place: &Vector3<f64>) -> Vector2<f64> {
        let p = self.turn * place;
        let near = self.nearness(p.z);
        self.log_scale.exp() * near * near * p.z * p.xy()
    }

    /// A step of a fit.
    pub fn moved(&self, step: &[f64]) -> Self {
        let turn = Rotation3::new(Vector3::new(step[0], step[1], step[2])) * self.turn;
        Pose {
            turn,
            log_scale: self.log_scale + step[3].clamp(-0.3, 0.3),
            shift: self.shift + Vector2::new(step[4], step[5]),
            perspective: self.perspective,
        }
    }

    /// The same in a picture made larger by a factor.
    pub fn scaled(&self, by: f64) -> Self {
        Pose { log_scale: self.log_scale + by.ln(), shift: self.shift * by, ..*self }
    }

    /// How far two poses are turned against each other, radians, in-plane turns not counted.
    pub fn angle(&self, other: &Pose) -> f64 {
        let toward = |p: &Pose| p.turn.matrix().row(2).transpose();
        toward(self).dot(&toward(other)).clamp(-1.0, 1.0).acos()
    }

    /// A motion of the head's surface that is seen as `seen`, px, and does not go towards the camera.
    pub fn lift(&self, place: &Vector3<f64>, seen: &Vector2<f64>) -> Vector3<f64> {
        let p = self.turn * place;
        let scale = self.log_scale.exp() * self.nearness(p.z);
        self.turn.inverse() * Vector3::new(seen.x / scale, seen.y / scale, 0.0)
    }
}

/// Around the vertical axis, then the horizontal one, radians.
pub(super) fn turned(yaw: f64, pitch: f64) -> Rotation3<f64> {
    let y = Rotation3::from_axis_angle(&Vector3::y_axis(), yaw);
    let x = Rotation3::from_axis_angle(&Vector3::x_axis(), pitch);
    y * x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_the_projection() {
        let pose = Pose {
            turn: turned(0.4, -0.2),
            log_scale: 0.3,
            shift: Vector2::new(10.0, 20.0),
            perspective: 1e-3,
        };
        let place = Vector3::new(30.0, -40.0, 50.0);
        let step = 1e-5;
        for i in 0..FREEDOM {
            let at = |h: f64| {
                pose.moved(&std::array::from_fn::<f64, FREEDOM, _>(|j| if i == j { h } else { 0.0 }))
            };
            let seen = (at(step).project(&place) - at(-step).project(&place)) / (2.0 * step);
            assert!((seen - pose.by_pose(&place).column(i)).norm() < 1e-4, "{i}");
        }
        for i in 0..3 {
            let mut d = Vector3::zeros();
            d[i] = step;
            let seen = (pose.project(&(place + d)) - pose.project(&(place - d))) / (2.0 * step);
            assert!((seen - pose.by_place(&place).column(i)).norm() < 1e-5, "{i}");
        }
        let at = |h: f64| Pose { perspective: pose.perspective + h, ..pose }.project(&place);
        let seen = (at(1e-8) - at(-1e-8)) / 2e-8;
        assert!((seen - pose.by_perspective(&place)).norm() < 1e-2);
    }
}
