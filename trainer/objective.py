"""What is optimised, as one module: both encoders, the global batch and L_tot."""

import torch
from torch import nn

from core.distributed import gather, gather_with_gradient, is_initialised
from core.losses import LossConfig, LossTerms, TotalLoss
from core.models.backbones import freeze_stages, takes_other_sizes
from core.models.encoder import TwoEncoders, build_encoders
from core.words import compute_word_vectors, read_word_vectors
from trainer.config import Config


class Objective(nn.Module):
    """Images in, loss terms out; wrapped as a whole by DistributedDataParallel.

    Every process embeds its share of the batch; the embeddings of all are gathered, so that
    mining and both losses see the global batch, whatever the number of processes.
    """

    def __init__(
        self, config: Config, class_names: tuple[str, ...], *, load_weights: bool = True
    ) -> None:
        super().__init__()
        backbone, size = config.model.backbone, config.train.image_size
        if size and not takes_other_sizes(backbone):
            raise ValueError(
                f"setting train.image_size is {size}: backbone {backbone!r} takes only pictures of "
                f"the size it was made for; allowed is 0"
            )
        self.encoders: TwoEncoders = build_encoders(config.model, load_weights=load_weights)
        for trunk in dict.fromkeys((self.encoders.photo.trunk, self.encoders.sketch.trunk)):
            freeze_stages(trunk, config.train.frozen_stages)
        words = word_vectors(config.loss, class_names) if config.loss.w_s > 0 else None
        self.loss = TotalLoss(config.loss, config.model.embedding_dim, words, len(class_names))
        self._frozen_norms = config.train.batch_norm == "frozen"

    def forward(
        self,
        sketches_B1HW: torch.Tensor,
        photos_M3HW: torch.Tensor,
        sketch_labels_B: torch.Tensor,
        photo_labels_M: torch.Tensor,
        lambda_d: float,
        generator: torch.Generator | None = None,
    ) -> LossTerms:
        """Loss terms of the global batch; the labels are those of this process's share."""
        sketches, photos = self.encoders(sketches_B1HW, photos_M3HW)
        # The losses are a few small matrices: autocast would save nothing and cost digits.
        with torch.autocast(sketches_B1HW.device.type, enabled=False):
            embeddings = [sketches.embedding_BD.float(), photos.embedding_BD.float()]
            labels = [sketch_labels_B, photo_labels_M]
            if is_initialised():
                embeddings = [gather_with_gradient(part) for part in embeddings]
                labels = [gather(part) for part in labels]
            terms: LossTerms = self.loss(
                *embeddings, *labels, lambda_d=lambda_d, generator=generator
            )
            return terms

    def train(self, mode: bool = True) -> "Objective":
        """Training mode; frozen batch norms stay in evaluation mode."""
        super().train(mode)
        if mode and self._frozen_norms:
            for module in self.encoders.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self


def word_vectors(config: LossConfig, class_names: tuple[str, ...]) -> torch.Tensor:
    """The classes' word vectors (C, V), from the file that the settings name or computed."""
    if config.word_vectors:
        return read_word_vectors(config.word_vectors, class_names)
    return compute_word_vectors(class_names)
