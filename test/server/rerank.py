"""Asks a server at argv[1] through clients for Python, and prints what each read in its answer, a line of JSON each."""

import json
import sys

url, client, query, documents = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])

#: The providers of LiteLLM that a server of one's own can stand behind, and the base that each is given.
PROVIDERS = {
    'cohere': url,
    'jina_ai': url,
    'huggingface': url,
    'hosted_vllm': url,
    'infinity': f'{url}/infinity',
}


def with_litellm():
    import litellm

    for provider, base in PROVIDERS.items():
        answer = litellm.rerank(
            model=f'{provider}/some-model', query=query, documents=documents, top_n=2, api_base=base, api_key='k'
        )
        yield provider, [
            (result['index'], result['relevance_score'], (result.get('document') or {}).get('text'))
            for result in answer.results
        ]


def with_langchain():
    from langchain_cohere import CohereRerank

    reranker = CohereRerank(model='rerank-v3.5', base_url=url, cohere_api_key='k', top_n=2)
    ranking = reranker.rerank(documents, query)
    yield 'langchain', [(each['index'], each['relevance_score'], None) for each in ranking]


for name, results in {'litellm': with_litellm, 'langchain_cohere': with_langchain}[client]():
    print(json.dumps([name, results]))
