"""Qwen3-Reranker: each document by itself, the answer's two logits after the prompt, their softmax as score.

The prompt and the reading are those of the model's card; the model is transformers' own, `Qwen3ForCausalLM` with tied
and with untied head, and `Qwen3ForSequenceClassification` with the one row that converted checkpoints have.
"""

import torch
from tokenizers import Tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3ForSequenceClassification

from model import CHANGES
from synthetic import synthetic
from tiny import config_json

PREFIX = (
    '<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the Instruct '
    'provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
)
SUFFIX = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
DEFAULT_INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"
VOCABULARY = 151669  # of Qwen3-Reranker's config.json

DOCUMENTS = [
    "The capital of China is Beijing.",
    "Gravity is a force that attracts two bodies towards each other.",
    " Mit Leerzeichen davor, und danach\n\n",
    "北京是中华人民共和国的首都。",
    "The capital of China is Beijing. It has been that, with pauses, since the thirteenth century, and has 22 million "
    "inhabitants.",
]

SMALL = {"vocab_size": VOCABULARY, "num_hidden_layers": 2, "architectures": ["Qwen3ForCausalLM"]}
FULL = {
    "vocab_size": VOCABULARY, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
    "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "max_position_embeddings": 40960,
    "architectures": ["Qwen3ForCausalLM"],
}

# name, config, instruction, how many of the documents
CASES = [
    ("tied", config_json(**SMALL), None, 5),
    ("untied", config_json(**SMALL, tie_word_embeddings=False), None, 5),
    ("classifier", config_json(**SMALL | {"architectures": ["Qwen3ForSequenceClassification"]}, num_labels=1), "Find the capital.", 5),
    ("full", config_json(**FULL), None, 3),
]
QUERY = "What is the capital of China?"


def encode(tokenizer, query, document, instruction):
    """As the card does it: the three parts apart, so that nothing merges across their borders."""
    text = f"<Instruct>: {instruction or DEFAULT_INSTRUCTION}\n<Query>: {query}\n<Document>: {document}"
    return [i for part in (PREFIX, text, SUFFIX) for i in tokenizer.encode(part, add_special_tokens=False).ids]


def load(config):
    """The model of a config.json, its weights those of the synthetic checkpoint."""
    kind = Qwen3ForCausalLM if config["architectures"] == ["Qwen3ForCausalLM"] else Qwen3ForSequenceClassification
    changes = CHANGES | {"vocab_size": VOCABULARY, "pad_token_id": None}
    model = kind(Qwen3Config(**config | changes, attn_implementation="eager")).eval()
    for name, parameter in model.named_parameters():
        parameter.data = torch.as_tensor(synthetic(name, tuple(parameter.shape)))
    return model


@torch.no_grad()
def answer(model, tokenizer, ids):
    """The logits of yes and no, or the one logit of a classifier; and the score."""
    logits = model(torch.tensor([ids])).logits
    if isinstance(model, Qwen3ForSequenceClassification):
        return logits[0], torch.sigmoid(logits[0])
    yes, no = (tokenizer.token_to_id(word) for word in ("yes", "no"))
    two = logits[0, -1, [yes, no]]
    return two, torch.softmax(two, dim=0)[:1]


def make(qwen3_path):
    """pointwise.json and pointwise.safetensors."""
    tokenizer = Tokenizer.from_file(str(qwen3_path))
    cases, tensors = [], {}
    for name, config, instruction, count in CASES:
        model = load(config)
        documents = DOCUMENTS[:count]
        ids = [encode(tokenizer, QUERY, document, instruction) for document in documents]
        answers = [answer(model, tokenizer, each) for each in ids]
        config = {key: value for key, value in config.items() if key != "torch_dtype"}
        cases.append({"name": name, "config": config, "query": QUERY, "instruction": instruction, "documents": documents, "ids": ids})
        tensors[f"{name}.logits"] = torch.stack([logits for logits, _ in answers])
        tensors[f"{name}.scores"] = torch.cat([score for _, score in answers])
    return {"cases": cases}, tensors
