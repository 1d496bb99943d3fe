"""The workshop's training loop, rebuilt: three passes a step, pictures opened one by one."""

import torch
import torch.nn.functional as F

from benchmarks.loading import WorkshopWay
from trainer.session import Session


class WorkshopLoop:
    """The workshop's loop on our session's network and optimiser."""

    def __init__(self, session: Session) -> None:
        self.session, self.batch = session, session.config.data.classes_per_batch
        items = session.pack.collection
        self.paths = [[item.path for item in kind] for kind in (items.sketches, items.photos)]
        self.domain = torch.nn.Linear(session.config.model.embedding_dim, 1).to(session.device)

    def steps(self, count: int) -> None:
        """`count` steps, starting their loader processes as each of its epochs did."""
        encoders, device = self.session.learner.objective.encoders, self.session.device
        for sketch, photo, other in zip(*self._loaders(count), strict=True):
            ours = encoders.sketch(sketch.to(device)).embedding_BD
            near = encoders.photo(photo.to(device)).embedding_BD
            far = encoders.photo(other.to(device)).embedding_BD
            scores = [self.domain(part) for part in (ours, near, far)]
            loss = F.triplet_margin_loss(ours, near, far, margin=1.0)
            for score, is_photo in zip(scores, (0.0, 1.0, 1.0), strict=True):
                target = torch.full_like(score, is_photo)
                loss = loss + F.binary_cross_entropy_with_logits(score, target)
            loss.backward()
            self.session.learner.optimizer.step()
            self.session.learner.optimizer.zero_grad()
            loss.item()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    def _loaders(self, count: int) -> list[torch.utils.data.DataLoader[torch.Tensor]]:
        sketches, photos = self.paths
        wanted = count * self.batch
        parts = [sketches[:wanted], photos[:wanted], photos[-wanted:]]
        return [
            torch.utils.data.DataLoader(WorkshopWay(part), batch_size=self.batch, num_workers=1)
            for part in parts
        ]
