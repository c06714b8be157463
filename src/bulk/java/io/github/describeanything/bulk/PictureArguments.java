package io.github.describeanything.bulk;

import io.github.describeanything.focal.PictureLimits;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How large a picture may be that this process decodes; servers have limits of their own. Used by one thread. */
final class PictureArguments {
    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "33554432",
            converter = Limits.class,
            description = "Maximum pixels of a picture that this process decodes. Default: ${DEFAULT-VALUE}")
    PictureLimits limits = PictureLimits.DEFAULT;

    /** Refuses a limit before anything is read. */
    private static final class Limits implements ITypeConverter<PictureLimits> {
        @Override
        public PictureLimits convert(String pixels) {
            try {
                return new PictureLimits(Long.parseLong(pixels), PictureLimits.DEFAULT.maxSide());
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("it is a number of pixels from 1 to about 536 million");
            }
        }
    }
}
