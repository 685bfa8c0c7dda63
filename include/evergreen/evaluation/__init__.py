"""Whether the challenger ships: `gate.gate` judges it on the gate window; `card.model_card` describes it."""
