"""Writes a trained network as the ONNX file that Splitline opens: see ../README.md for its rules."""
import warnings

import onnx
import torch

from network import Exported

FORMAT, VERSION, OPSET = "splitline landmarks", 1, 17


def write(network, path, character, names, licence):
    """One file with the weights inside and the metadata that Splitline asks for."""
    if len(set(names)) != len(names) or any(not name.strip() or "\n" in name for name in names):
        raise ValueError("landmarks must have different names of one line each")
    picture = torch.zeros(1, 3, network.size, network.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(network).eval(), (picture,), str(path), dynamo=False, opset_version=OPSET,
            input_names=["picture"], output_names=["landmarks", "score"],
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(
        model,
        {
            "format": FORMAT,
            "format_version": str(VERSION),
            "character": character,
            "input_size": str(network.size),
            "landmarks": "\n".join(names),
            "licence": licence,
        },
    )
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))
