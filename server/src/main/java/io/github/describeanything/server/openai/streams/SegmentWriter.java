package io.github.describeanything.server.openai.streams;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.http.SseWriter;
import io.github.describeanything.server.openai.RegionBody;
import io.github.describeanything.server.openai.UsageBody;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.ReturnedMask;
import io.github.describeanything.server.service.Ticket;
import io.github.describeanything.server.service.VideoStreams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes the answer to a segment as events, and keeps what the next one needs. Used by one thread.
 *
 * @param masks whether masks are written
 */
record SegmentWriter(VideoStreams.Turn turn, boolean masks) implements WireWriter {
    @Override
    public Whole whole(Ticket ticket) {
        throw new UnsupportedOperationException("Segments are answered as events");
    }

    @Override
    public Streamed stream(Ticket ticket, SseWriter out) {
        return new StreamedSegment(ticket, out);
    }

    private final class StreamedSegment implements Streamed {
        private final Ticket ticket;
        private final SseWriter out;
        private final StringBuilder caption = new StringBuilder();
        private final List<GenerationEvent.Finished> end = new ArrayList<>();

        StreamedSegment(Ticket ticket, SseWriter out) {
            this.ticket = ticket;
            this.out = out;
        }

        @Override
        public void begin() throws IOException {
            turn.begun();
            write(new SegmentEvent.Started("segment.started", turn.id(), turn.segment()));
        }

        @Override
        public void delta(int choice, GenerationEvent.Delta delta) throws IOException {
            caption.append(delta.text());
            write(new SegmentEvent.Delta("segment.delta", delta.text()));
        }

        @Override
        public void finished(int choice, GenerationEvent.Finished how) {
            end.add(how);
        }

        @Override
        public void idle() throws IOException {
            out.comment(ticket.queued());
        }

        /** An object that is lost on the last frame ends the stream: there is nothing to follow. */
        @Override
        public void end() throws IOException {
            ReturnedMask mask = ticket.masks().getFirst();
            Optional<MaskBox> last = mask.later().getLast().box();
            int segment = turn.segment();
            boolean goesOn = turn.described(caption.toString(), last);
            write(new SegmentEvent.Done(
                    "segment.done",
                    turn.id(),
                    segment,
                    caption.toString(),
                    SegmentEvent.Done.corners(last),
                    masks ? Optional.of(RegionBody.MaskBody.of(mask)) : Optional.empty(),
                    UsageBody.of(List.of(end.getFirst().usage()), 1)));
            if (!goesOn) {
                write(new SegmentEvent.Ended("stream.ended", turn.id(), "object_lost"));
            }
            out.done();
        }

        @Override
        public void fail(ApiException error) throws IOException {
            out.event(ErrorBody.of(error));
            out.done();
        }

        @Override
        public void close() {
            // The turn outlives the answer.
        }

        private void write(SegmentEvent event) throws IOException {
            out.event(event.type(), event);
        }
    }
}
