namespace Deucalion.Ingester.Remote;

/// <summary>How what a partition answers to one kind of read travels. Stateless; thread-safe.</summary>
internal interface IHeadContent<T>
{
    /// <summary>Adds the value to a frame; yields when the frame has to be sent, and goes on in the next one.</summary>
    IEnumerable<HeadFrameWriter> Write(T value, HeadFrameWriter frame);

    /// <summary>A value that holds nothing yet.</summary>
    T Begin();

    /// <summary>Adds what a frame holds to a value of <see cref="Begin"/>.</summary>
    /// <exception cref="RemoteFormatException">The frame contradicts itself.</exception>
    void Read(in HeadFrame frame, T into);
}
