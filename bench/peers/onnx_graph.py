"""A writer of ONNX graphs: the nodes stay in memory, the weights go straight to one external data file."""

import numpy as np
from onnx import TensorProto, helper

CONTRIB = "com.microsoft"
PAGE = 65536  # a tensor that starts on a page can be mapped into memory instead of read
INLINE = 4096  # bytes; constants up to here stay in the .onnx file


class OnnxGraph:
    def __init__(self, path):
        self.path = path
        self.data = open(f"{path}.data", "wb")
        self.nodes = {}  # by the name of their first output
        self.constants = {}

    def constant(self, name, values):
        """Stores a constant, once however often it is asked for. Returns its name."""
        if name not in self.constants:
            values = np.asarray(values, order="C")
            kind = helper.np_dtype_to_tensor_dtype(values.dtype)
            tensor = TensorProto(name=name, dims=values.shape, data_type=kind)
            if values.nbytes <= INLINE:
                tensor.raw_data = values.tobytes()
            else:
                self._store_outside(tensor, values)
            self.constants[name] = tensor
        return name

    def _store_outside(self, tensor, values):
        self.data.seek(-self.data.tell() % PAGE, 1)
        place = {"location": f"{self.path.name}.data", "offset": self.data.tell(), "length": values.nbytes}
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        values.tofile(self.data)

    def add(self, operator, inputs, output, domain="", **attributes):
        """Appends a node of one output, and returns that output's name."""
        return self.add_many(operator, inputs, [output], domain, **attributes)[0]

    def add_many(self, operator, inputs, outputs, domain="", **attributes):
        """Appends a node, unless it is there already. An empty name leaves an input or output out."""
        if outputs[0] not in self.nodes:
            node = helper.make_node(operator, inputs, outputs, outputs[0], domain=domain, **attributes)
            self.nodes[outputs[0]] = node
        return outputs

    def save(self, inputs, outputs):
        """Writes the model. inputs and outputs: name → shape, all float32."""
        self.data.close()
        graph = helper.make_graph(
            list(self.nodes.values()), "qwen3", declare(inputs), declare(outputs), list(self.constants.values())
        )
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(CONTRIB, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        self.path.write_bytes(model.SerializeToString())


def declare(tensors):
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in tensors.items()]
