"""The names of SAM 2.1's tensors in its own repository, for those of the layout that sam2.parts reads."""

from __future__ import annotations

import re

_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^vision_encoder\.backbone\.patch_embed\.projection", "image_encoder.trunk.patch_embed.proj"),
        (r"^vision_encoder\.backbone", "image_encoder.trunk"),
        (r"^vision_encoder\.neck\.convs\.(\d+)", r"image_encoder.neck.convs.\1.conv"),
        (
            r"^shared_image_embedding\.positional_embedding$",
            "sam_prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        ),
        (r"^prompt_encoder\.mask_embed\.conv1", "sam_prompt_encoder.mask_downscaling.0"),
        (r"^prompt_encoder\.mask_embed\.layer_norm1", "sam_prompt_encoder.mask_downscaling.1"),
        (r"^prompt_encoder\.mask_embed\.conv2", "sam_prompt_encoder.mask_downscaling.3"),
        (r"^prompt_encoder\.mask_embed\.layer_norm2", "sam_prompt_encoder.mask_downscaling.4"),
        (r"^prompt_encoder\.mask_embed\.conv3", "sam_prompt_encoder.mask_downscaling.6"),
        (r"^prompt_encoder", "sam_prompt_encoder"),
        (r"^mask_decoder\.upscale_conv1", "sam_mask_decoder.output_upscaling.0"),
        (r"^mask_decoder\.upscale_layer_norm", "sam_mask_decoder.output_upscaling.1"),
        (r"^mask_decoder\.upscale_conv2", "sam_mask_decoder.output_upscaling.3"),
        (r"^mask_decoder", "sam_mask_decoder"),
        (r"^no_memory_embedding$", "no_mem_embed"),
        (r"^no_object_pointer$", "no_obj_ptr"),
        (r"^memory_temporal_positional_encoding$", "maskmem_tpos_enc"),
        (r"^occlusion_spatial_embedding_parameter$", "no_obj_embed_spatial"),
        (r"^object_pointer_proj", "obj_ptr_proj"),
        (r"^temporal_positional_encoding_projection_layer", "obj_ptr_tpos_proj"),
        (r"^memory_attention\.layer_norm", "memory_attention.norm"),
        (r"^memory_encoder\.mask_downsampler\.final_conv", "memory_encoder.mask_downsampler.encoder.12"),
        (r"^memory_encoder\.feature_projection", "memory_encoder.pix_feat_proj"),
        (r"^memory_encoder\.projection", "memory_encoder.out_proj"),
        (r"^memory_encoder\.memory_fuser\.layers\.(\d+)\.depthwise_conv", r"memory_encoder.fuser.layers.\1.dwconv"),
        (r"^memory_encoder\.memory_fuser\.layers\.(\d+)\.layer_norm", r"memory_encoder.fuser.layers.\1.norm"),
        (r"^memory_encoder\.memory_fuser\.layers\.(\d+)\.pointwise_conv", r"memory_encoder.fuser.layers.\1.pwconv"),
        (r"^memory_encoder\.memory_fuser\.layers\.(\d+)\.scale$", r"memory_encoder.fuser.layers.\1.gamma"),
        # Of two layers in transformers, of three in heads.
        (r"\.mlp\.proj_in\.", ".mlp.layers.0."),
        (r"\.mlp\.proj_out\.", ".mlp.layers.1."),
        (r"\.layers\.0\.(weight|bias)$", r".layers.1.\1"),
        (r"\.proj_in\.", ".layers.0."),
        (r"\.proj_out\.", ".layers.2."),
        (r"\.o_proj\.", ".out_proj."),
        (r"\.layer_norm_final_attn\.", ".norm_final_attn."),
        (r"\.layer_norm(\d)\.", r".norm\1."),
    )
)
_DOWNSAMPLER = re.compile(r"^memory_encoder\.mask_downsampler\.layers\.(\d+)\.(conv|layer_norm)\.(\w+)$")
_THREE_LAYERS = re.compile(r"(hypernetworks_mlps\.\d+|iou_prediction_head|pred_obj_score_head|object_pointer_proj)")


def original(name: str) -> str:
    """The name of a tensor in SAM 2's repository."""
    downsampler = _DOWNSAMPLER.match(name)
    if downsampler:
        layer, kind, value = downsampler.groups()
        # The repository numbers convolution, norm and activation of each layer in one row.
        return f"memory_encoder.mask_downsampler.encoder.{3 * int(layer) + (kind == 'layer_norm')}.{value}"
    heads = _THREE_LAYERS.search(name) is not None
    for pattern, replacement in _RULES:
        if not heads and pattern.pattern.startswith(r"\.layers\.0"):
            continue
        name = pattern.sub(replacement, name)
    return name


POINT_TABLE = "prompt_encoder.point_embed.weight"
"""One tensor here, four in the repository."""
