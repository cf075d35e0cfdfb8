"""The reference: Hugging Face's Qwen3 in float32, opened up so that every layer's output can be seen.

The embedding table stays outside the model, as it does in the runtime under test: a caller gathers the rows of its
tokens. So the full-size checkpoint needs only the few hundred rows that a prompt uses.
"""

import torch
from torch.nn.functional import cosine_similarity
from transformers import Qwen3Config, Qwen3Model

# float32 throughout; no embedding table, so no ids that would have to lie in it
CHANGES = {"torch_dtype": "float32", "vocab_size": 1, "bos_token_id": None, "eos_token_id": None}


def backbone(config, weight):
    """A Qwen3Model of this config.json, its weights taken by name and shape from `weight`."""
    config = Qwen3Config(**config | CHANGES, attn_implementation="eager")
    model = Qwen3Model(config).eval()
    for name, parameter in model.named_parameters():
        if name != "embed_tokens.weight":
            parameter.data = torch.as_tensor(weight(f"model.{name}", tuple(parameter.shape)))
    return model


@torch.no_grad()
def hidden_states(model, rows, cache=None):
    """Embedded tokens [tokens, hidden] → the residual stream after each layer, and the final norm's output.

    With a cache, the tokens follow what is in there already, and stay there for the next call.
    """
    layers = []  # each [tokens, hidden]
    hooks = [layer.register_forward_hook(lambda _, __, output: layers.append(output[0])) for layer in model.layers]
    output = model(inputs_embeds=rows[None], past_key_values=cache, use_cache=cache is not None)
    for hook in hooks:
        hook.remove()
    return layers, output.last_hidden_state[0]


def project(first, second, rows):
    """The projector: linear, ReLU, linear, no biases. rows [markers, hidden] → embeddings [markers, embedding]."""
    return torch.relu(rows @ first.T) @ second.T


def scores(embeddings, query):
    """Each document's score: the cosine of its embedding [documents, embedding] and the query's [embedding]."""
    return cosine_similarity(embeddings, query[None], dim=-1)
