/** The only package that uses ONNX Runtime: graphs through its Java API, the decoder through its C API. */
@NullMarked
package io.github.describeanything.model.onnx;

import org.jspecify.annotations.NullMarked;
