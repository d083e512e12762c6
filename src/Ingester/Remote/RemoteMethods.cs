namespace Deucalion.Ingester.Remote;

/// <summary>Names of the calls between ingesters and those who ask them.</summary>
internal static class RemoteMethods
{
    public const string Append = "/deucalion.v1.Ingester/Append";

    public const string DeleteTenant = "/deucalion.v1.Ingester/DeleteTenant";

    public const string Select = "/deucalion.v1.Ingester/Select";

    public const string Series = "/deucalion.v1.Ingester/Series";

    public const string LabelNames = "/deucalion.v1.Ingester/LabelNames";

    public const string LabelValues = "/deucalion.v1.Ingester/LabelValues";

    public const string Metadata = "/deucalion.v1.Ingester/Metadata";

    public const string Exemplars = "/deucalion.v1.Ingester/Exemplars";

    public const string Status = "/deucalion.v1.Ingester/Status";
}
