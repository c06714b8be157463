package io.github.describeanything.bulk.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/** Makes one thing of another by reading files. */
interface Reading<T, R> {
    R read(T value) throws IOException;

    /** Reads each as it is asked for. */
    default Iterator<R> each(Iterator<T> values) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return values.hasNext();
            }

            @Override
            public R next() {
                try {
                    return read(values.next());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }
}
