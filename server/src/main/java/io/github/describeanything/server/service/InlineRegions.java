package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.Region;
import io.github.describeanything.model.segment.SegmentPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A question and the regions written in it: {@code @box(10, 20, 300, 240)}, {@code @polygon(1,2 30,4 5,60)},
 * {@code @whole}, or points inside and outside one thing, {@code @point(40,60) @out(80,60)}. Immutable. Coordinates are
 * either all pixels or all percentages.
 *
 * @param text the question without the regions
 * @param regions the distinct regions in order
 */
public record InlineRegions(String text, List<InlineRegion> regions) {
    private static final Pattern START =
            Pattern.compile("@(box|polygon|whole|point|out)(?![A-Za-z0-9_])", Pattern.CASE_INSENSITIVE);
    private static final Pattern NUMBER =
            Pattern.compile("([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)(?:\\s*(%|px))?", Pattern.CASE_INSENSITIVE);
    private static final Pattern GROUP = Pattern.compile("[(\\[{]([^()\\[\\]{}]*)[)\\]}]");
    private static final Pattern WITHOUT_BRACKETS = Pattern.compile("\\s*+[:=]?+\\s*+[(\\[{]*+[+-]?\\d");
    private static final int MAX_REGIONS = 64;
    private static final int MAX_NUMBERS = 2 * Region.MAX_POINTS;
    private static final int MAX_NUMBER_LENGTH = 40;
    /** The sign @ of East Asian keyboards. */
    private static final char WIDE_AT = '\uFF20';

    private static final String OPENING = "([{";
    private static final String CLOSING = ")]}";

    /** A malformed region; the message says what to write. */
    public static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException(String message) {
            super(message, null, false, false);
        }
    }

    public InlineRegions {
        regions = List.copyOf(regions);
    }

    /**
     * Finds the regions in a text. E-mail addresses and names such as {@code @boxes} stay text.
     *
     * @throws MalformedException for the first malformed region
     */
    public static InlineRegions read(String text) {
        if (text.indexOf('@') < 0 && text.indexOf(WIDE_AT) < 0) {
            return new InlineRegions(text, List.of());
        }
        // As long as the text, so that both have the same indexes.
        String ascii = plain(text);
        var rest = new StringBuilder();
        Set<InlineRegion> regions = new LinkedHashSet<>();
        var clicks = new ArrayList<InlineRegion>();
        Matcher start = START.matcher(ascii);
        int done = 0;
        for (int from = 0; start.find(from); ) {
            String form = start.group(1).toLowerCase(Locale.ROOT);
            int end = form.equals("whole")
                    ? endOfWhole(ascii, start.start(), start.end())
                    : endOfShape(ascii, form, start.start(), start.end());
            from = start.end();
            if (end >= 0) {
                requireShort(form, end - from);
                switch (form) {
                    case "whole" -> regions.add(InlineRegion.WHOLE);
                    case "point", "out" ->
                        clicks.add(shape(form, ascii.substring(from, end).strip()));
                    default ->
                        regions.add(shape(form, ascii.substring(from, end).strip()));
                }
                if (regions.size() > MAX_REGIONS) {
                    throw new MalformedException("There are more than " + MAX_REGIONS + " regions");
                }
                if (clicks.size() > SegmentPrompt.MAX_POINTS) {
                    throw new MalformedException("There are more than " + SegmentPrompt.MAX_POINTS + " points");
                }
                append(rest, text, done, start.start());
                done = end;
                from = end;
            }
        }
        append(rest, text, done, text.length());
        if (!clicks.isEmpty()) {
            regions.add(InlineRegion.ofPoints(clicks));
        }
        return new InlineRegions(rest.toString(), List.copyOf(regions));
    }

    /** Appends the text between two regions, without the spaces around a region. */
    private static void append(StringBuilder rest, String text, int from, int to) {
        int begin = from;
        if (from > 0 && (rest.isEmpty() || isBlank(rest.charAt(rest.length() - 1)))) {
            while (begin < to && isBlank(text.charAt(begin))) {
                begin++;
            }
            boolean closes = begin < to && ".,;:!?".indexOf(text.charAt(begin)) >= 0;
            while ((begin == to || closes) && !rest.isEmpty() && isBlank(rest.charAt(rest.length() - 1))) {
                rest.setLength(rest.length() - 1);
            }
        } else if (from > 0 && begin < to && isWord(rest.charAt(rest.length() - 1)) && isWord(text.charAt(begin))) {
            rest.append(' ');
        }
        rest.append(text, begin, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /** The end of {@code @whole}, including empty brackets; -1 if it is part of an address or a name. */
    private static int endOfWhole(String text, int at, int end) {
        if (followsWord(text, at) || text.startsWith("-", end)) {
            return -1;
        }
        boolean dotted = end + 1 < text.length() && text.charAt(end) == '.' && isWord(text.charAt(end + 1));
        if (dotted) {
            return -1;
        }
        return text.startsWith("()", end) ? end + 2 : end;
    }

    /** The end of a box or polygon, including its closing bracket; -1 if this is neither. */
    private static int endOfShape(String text, String form, int at, int end) {
        int open = end;
        while (open < text.length() && isBlank(text.charAt(open))) {
            open++;
        }
        if (open == text.length() || OPENING.indexOf(text.charAt(open)) < 0) {
            // "@box 10 20 30 40" lacks its brackets, and "@box: (10,20,30,40)" has a colon before them; "@box is a
            // company" is no region.
            if (!followsWord(text, at)
                    && WITHOUT_BRACKETS.matcher(text).region(end, text.length()).lookingAt()) {
                throw malformed(form);
            }
            return -1;
        }
        if (open > end && (followsWord(text, at) || !holdsNumber(text, open))) {
            return -1;
        }
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += OPENING.indexOf(c) >= 0 ? 1 : CLOSING.indexOf(c) >= 0 ? -1 : 0;
            if (depth == 0) {
                return i + 1;
            }
        }
        throw malformed(form);
    }

    private static boolean holdsNumber(String text, int open) {
        int i = open;
        while (i < text.length() && (isBlank(text.charAt(i)) || OPENING.indexOf(text.charAt(i)) >= 0)) {
            i++;
        }
        return i < text.length() && "0123456789+-.".indexOf(text.charAt(i)) >= 0;
    }

    private static boolean followsWord(String text, int at) {
        return at > 0 && isWord(text.charAt(at - 1));
    }

    private static boolean isWord(char c) {
        return c == '_' || c < 128 && Character.isLetterOrDigit(c);
    }

    private static InlineRegion shape(String form, String coordinates) {
        List<String> texts = form.equals("polygon")
                ? parts(coordinates.substring(1, coordinates.length() - 1))
                : List.of(coordinates.replaceAll("[()\\[\\]{};]", " "));
        var parts = new ArrayList<List<Double>>();
        var units = new LinkedHashSet<String>();
        int left = MAX_NUMBERS;
        for (String part : texts) {
            List<Double> numbers = numbers(form, part, units, left);
            left -= numbers.size();
            parts.add(numbers);
        }
        boolean box = form.equals("box") && parts.getFirst().size() == 4;
        boolean polygon =
                form.equals("polygon") && !parts.isEmpty() && parts.stream().allMatch(InlineRegions::isPairs);
        boolean points = !form.equals("box") && !form.equals("polygon") && isPairs(parts.getFirst());
        if (!box && !polygon && !points) {
            throw malformed(form);
        }
        if (units.contains("%") && units.size() > 1) {
            throw new MalformedException("@" + form + " mixes pixels and percentages: use one of the two");
        }
        boolean tiny = parts.stream().flatMap(List::stream).allMatch(it -> Math.abs(it) <= 1)
                && (!points || parts.getFirst().stream().anyMatch(it -> it != Math.rint(it)));
        if (tiny && units.equals(Set.of(""))) {
            throw new MalformedException("@" + form
                    + " takes pixels or percentages, not fractions: write 0.5 as 50%, or @whole for the whole picture");
        }
        return new InlineRegion(form, units.contains("%"), parts);
    }

    private static boolean isPairs(List<Double> numbers) {
        return numbers.size() >= 2 && numbers.size() % 2 == 0;
    }

    /**
     * Parts are separated by semicolons or enclosed in brackets, as in COCO; brackets may also enclose single points.
     */
    private static List<String> parts(String coordinates) {
        List<String> groups =
                GROUP.matcher(coordinates).results().map(it -> it.group(1)).toList();
        boolean points = groups.stream()
                .allMatch(it -> NUMBER.matcher(it).results().limit(3).count() == 2);
        if (!groups.isEmpty() && !points) {
            if (GROUP.matcher(coordinates).replaceAll("").matches("(?s).*[^()\\[\\]{},;\\s].*")) {
                throw malformed("polygon");
            }
            return groups;
        }
        return Arrays.stream(coordinates.replaceAll("[()\\[\\]{}]", " ").split(";"))
                .filter(it -> !it.isBlank())
                .toList();
    }

    /** Checked before parsing, because a text may be as long as a body. */
    private static void requireShort(String form, int length) {
        if (length > MAX_NUMBER_LENGTH * MAX_NUMBERS) {
            throw tooManyPoints(form);
        }
    }

    private static MalformedException tooManyPoints(String form) {
        return new MalformedException("@" + form + " has more than " + Region.MAX_POINTS + " points");
    }

    /**
     * Parses the numbers of a part.
     *
     * @param units receives the units found: %, px or empty
     * @param most maximum count of numbers
     */
    private static List<Double> numbers(String form, String part, Set<String> units, int most) {
        var numbers = new ArrayList<Double>();
        Matcher number = NUMBER.matcher(part);
        int at = 0;
        while (number.find()) {
            boolean separated = numbers.isEmpty() || number.start() > at;
            if (!separated || !isSeparator(part, at, number.start())) {
                throw malformed(form);
            }
            if (numbers.size() == most) {
                throw tooManyPoints(form);
            }
            numbers.add(Double.valueOf(number.group(1)));
            String unit = number.group(2);
            units.add(unit == null ? "" : unit.toLowerCase(Locale.ROOT));
            at = number.end();
        }
        if (!isSeparator(part, at, part.length())) {
            throw malformed(form);
        }
        return numbers;
    }

    private static boolean isSeparator(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != ',' && !Character.isWhitespace(c)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Replaces characters as other keyboards and languages write them by ASCII: full-width ones, Arabic signs, digits of
     * any script, no-break and thin spaces. Invisible marks, such as those of the writing direction, become spaces.
     */
    private static char plain(char c) {
        if (c < 128) {
            return c;
        }
        if (c >= '\uFF01' && c <= '\uFF5E') {
            return (char) (c - 0xFEE0);
        }
        return switch (c) {
            case '\u3001', '\u060C' -> ',';
            case '\u061B' -> ';';
            case '\u066A' -> '%';
            case '\u066B' -> '.';
            case '\u2212' -> '-';
            default ->
                Character.isDigit(c)
                        ? Character.forDigit(Character.digit(c, 10), 10)
                        : Character.isSpaceChar(c) || Character.getType(c) == Character.FORMAT ? ' ' : c;
        };
    }

    private static String plain(String text) {
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            plain.append(plain(text.charAt(i)));
        }
        return plain.toString();
    }

    private static MalformedException malformed(String form) {
        return new MalformedException(
                switch (form) {
                    case "box" -> "@box must look like @box(x0, y0, x1, y1) in pixels or @box(10%, 20%, 60%, 80%)";
                    case "polygon" ->
                        "@polygon must look like @polygon(x,y x,y x,y) in pixels or percentages, with parts separated by ;";
                    default -> "@" + form + " must look like @" + form + "(x, y) in pixels or @" + form + "(10%, 20%)";
                });
    }
}
