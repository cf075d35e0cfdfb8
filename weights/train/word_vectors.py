"""WordLlama's vectors (Miller, 2024; MIT): the teacher that knows English. A text is the mean of its tokens' vectors."""

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional as F


class WordVectors:
    """`folder` is wordllama in the unpacked package."""

    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        [self.vectors] = load_file(folder / "weights/l2_supercat_256.safetensors").values()
        self.vectors = self.vectors.float()

    def encode(self, texts):
        """[texts, 256] in float16, not normalised."""
        ids = [each.ids or [0] for each in self.tokenizer.encode_batch(texts, add_special_tokens=False)]
        starts = np.cumsum([0, *map(len, ids[:-1])])
        bags = F.embedding_bag(torch.tensor(np.concatenate(ids)), self.vectors, torch.tensor(starts), mode="mean")
        return bags.half().numpy()
