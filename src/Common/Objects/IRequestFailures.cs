namespace Deucalion.Common.Objects;

/// <summary>What failures of a service mean. Thread-safe.</summary>
internal interface IRequestFailures
{
    /// <summary>Whether the same request may succeed a little later.</summary>
    bool MayPass(Exception exception);

    /// <summary>The failure in words: operation, bucket, key, what happened, what to do.</summary>
    ObjectStoreException Describe(RequestCall call, Exception exception);
}
