namespace Deucalion.Querier.Json;

/// <summary>Writes one flat object; begins it when made.</summary>
internal struct JsonFields
{
    private readonly JsonOutput _output;
    private bool _any;

    public JsonFields(JsonOutput output)
    {
        _output = output;
        output.Raw((byte)'{');
    }

    public void String(string name, string value)
    {
        Name(name);
        _output.String(value);
    }

    public void Number(string name, long value)
    {
        Name(name);
        _output.Number(value);
    }

    public void Bool(string name, bool value)
    {
        Name(name);
        _output.Bool(value);
    }

    /// <summary>Ends the object.</summary>
    public readonly void End() => _output.Raw((byte)'}');

    private void Name(string name)
    {
        if (_any)
        {
            _output.Raw((byte)',');
        }

        _any = true;
        _output.String(name);
        _output.Raw((byte)':');
    }
}
